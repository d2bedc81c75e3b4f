const key = 'netloom-theme';

/** Pages opened from disk may have no storage. */
function stored(): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function store(theme: string): void {
  try {
    localStorage.setItem(key, theme);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}

/** Follows the system until the switch is used, and then the switch; tells when colours have changed. */
export function startTheme(onChange: () => void): void {
  const button = document.getElementById('theme') as HTMLButtonElement;
  const system = matchMedia('(prefers-color-scheme: dark)');
  const isDark = (): boolean =>
    (document.documentElement.dataset.theme ?? (system.matches ? 'dark' : 'light')) === 'dark';
  const show = (): void => {
    button.setAttribute('aria-pressed', String(isDark()));
  };
  const before = stored();
  if (before === 'dark' || before === 'light') document.documentElement.dataset.theme = before;
  button.addEventListener('click', () => {
    const next = isDark() ? 'light' : 'dark';
    document.documentElement.dataset.theme = next;
    store(next);
    show();
    onChange();
  });
  system.addEventListener('change', () => {
    show();
    onChange();
  });
  matchMedia('(forced-colors: active)').addEventListener('change', onChange);
  show();
}
