/** Joins class names; what is not wanted at the moment is left out. Which of two wins is decided by the cascade. */
export function cn(...classes: readonly (string | false | null | undefined)[]): string {
  return classes.filter(Boolean).join(' ');
}
