/** Language, theme and sound of this browser. */
import { ActionIcon } from "@mantine/core";
import { IconVolume, IconVolumeOff } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { setSoundWanted, soundWanted } from "@/live/sound";
import { LanguageSwitch, ThemeSwitch } from "@/ui/Switches";

export function Settings() {
  const { t } = useTranslation();
  return (
    <>
      <LanguageSwitch />
      <ThemeSwitch label={t("settings.theme")} />
      <SoundSwitch />
    </>
  );
}

function SoundSwitch() {
  const { t } = useTranslation();
  const [on, setOn] = useState(soundWanted);
  const label = on ? t("settings.sound_on") : t("settings.sound_off");
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size={34}
      c="var(--text-2)"
      aria-pressed={on}
      aria-label={t("settings.sound")}
      title={label}
      visibleFrom="xs"
      onClick={() => {
        setSoundWanted(!on);
        setOn(!on);
      }}
    >
      {on ? <IconVolume size={19} stroke={1.8} /> : <IconVolumeOff size={19} stroke={1.8} />}
    </ActionIcon>
  );
}
