/** Amount of the database as a decimal without trailing zeros; null stays null. */
export function textOf(amount: string): string;
export function textOf(amount: string | null): string | null;
export function textOf(amount: string | null): string | null {
  return amount?.includes('.') === true ? amount.replace(/\.?0+$/, '') : amount;
}
