/** The page's drawings; each stands beside a text or an aria-label. */
import type { ComponentChildren } from "preact";

function Icon({ children }: { children: ComponentChildren }) {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      {children}
    </svg>
  );
}

export const ChatIcon = () => (
  <Icon>
    <path d="M5 4h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-7l-5 4v-4H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2zM8 9h8M8 12.500h5" />
  </Icon>
);
export const SmsIcon = () => (
  <Icon>
    <rect x="6" y="2.500" width="12" height="19" rx="2.500" />
    <path d="M10.500 18.500h3" />
  </Icon>
);
export const MailIcon = () => (
  <Icon>
    <rect x="3" y="5" width="18" height="14" rx="2" />
    <path d="M3.500 7l8.500 6 8.500-6" />
  </Icon>
);
export const CallIcon = () => (
  <Icon>
    <path d="M5 4h4l2 5-2.500 1.500a11 11 0 0 0 5 5L15 13l5 2v4a2 2 0 0 1-2 2A15 15 0 0 1 3 6a2 2 0 0 1 2-2z" />
  </Icon>
);
export const SendIcon = () => (
  <Icon>
    <path d="M12 19V5M6 11l6-6 6 6" />
  </Icon>
);
export const Logo = () => (
  <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
    <rect width="32" height="32" rx="8" fill="#4b4fd6" />
    <path d="M8 12.500A4.500 4.500 0 0 1 12.500 8h7a4.500 4.500 0 0 1 0 9H14l-4.200 3.600c-.7.6-1.800.1-1.800-.8z" fill="#fff" />
    <path d="M24 16.500v6.300c0 .9-1 1.400-1.700.8L19.500 21H15" fill="none" stroke="#c9cbff" stroke-width="2.400" stroke-linecap="round" stroke-linejoin="round" />
  </svg>
);
