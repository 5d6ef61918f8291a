/** The tongue in the buckle: two sides that meet. */
export function Logo({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" className={className}>
      <rect width="32" height="32" rx="9" className="fill-primary" />
      <path
        d="M4 16h8.5M19.5 16H28"
        strokeWidth="5"
        strokeLinecap="round"
        className="stroke-primary-foreground"
        opacity=".45"
      />
      <rect x="10" y="9" width="12" height="14" rx="3.5" className="fill-primary-foreground" />
      <rect x="14" y="13" width="4" height="6" rx="1.5" className="fill-primary" />
    </svg>
  );
}
