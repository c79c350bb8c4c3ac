/** Language and theme of this browser. */
import { ActionIcon, Menu, useMantineColorScheme } from "@mantine/core";
import { IconCheck, IconDeviceDesktop, IconLanguage, IconMoon, IconSun } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { chooseLanguage, language, LANGUAGES } from "@/i18n/i18n";

export function LanguageSwitch() {
  const { t } = useTranslation();
  return (
    <Menu position="bottom-end" width={160}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={34} c="var(--text-2)" aria-label={t("settings.language")} title={t("settings.language")}>
          <IconLanguage size={19} stroke={1.8} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {LANGUAGES.map((each) => (
          <Menu.Item
            key={each.code}
            lang={each.tag}
            onClick={() => void chooseLanguage(each.code)}
            rightSection={each.code === language() ? <IconCheck size={15} /> : null}
          >
            {each.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

export function ThemeSwitch({ label }: { label: string }) {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const choices = [
    { value: "light", text: t("settings.light"), icon: <IconSun size={16} /> },
    { value: "dark", text: t("settings.dark"), icon: <IconMoon size={16} /> },
    { value: "auto", text: t("settings.system"), icon: <IconDeviceDesktop size={16} /> },
  ] as const;
  return (
    <Menu position="bottom-end" width={170}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={34} c="var(--text-2)" aria-label={label} title={label}>
          <IconSun size={19} stroke={1.8} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {choices.map((each) => (
          <Menu.Item
            key={each.value}
            leftSection={each.icon}
            onClick={() => setColorScheme(each.value)}
            rightSection={each.value === colorScheme ? <IconCheck size={15} /> : null}
          >
            {each.text}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
