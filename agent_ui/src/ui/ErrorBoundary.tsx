/** A pane that fails alone: the rest of the page, and the socket, go on. */
import { Button } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { Component, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Empty } from "./parts";

interface Props {
  readonly children: ReactNode;
  /** When it changes, the pane is tried again. */
  readonly resetKey?: string;
}

export class ErrorBoundary extends Component<Props, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override componentDidUpdate(before: Props): void {
    if (before.resetKey !== this.props.resetKey && this.state.failed) this.setState({ failed: false });
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return <Failed again={() => this.setState({ failed: false })} />;
  }
}

function Failed({ again }: { again: () => void }) {
  const { t } = useTranslation();
  return (
    <div role="alert">
      <Empty
        icon={<IconAlertTriangle size={22} />}
        title={t("error.pane")}
        hint={t("error.pane_hint")}
        action={<Button variant="default" onClick={again}>{t("action.retry")}</Button>}
      />
    </div>
  );
}
