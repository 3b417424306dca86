/** Number of nonzero digits of the canonical signed digit form: the fewest of any signed digit form. */
export function digitCount(value: number): number {
  let rest = Math.abs(value)
  let count = 0
  while (rest >= 1) {
    // An odd rest ends in ...01 (digit 1) or ...11 (digit -1).
    const low = rest % 4
    if (low === 1) {
      count++
      rest -= 1
    } else if (low === 3) {
      count++
      rest += 1
    }
    rest /= low === 2 ? 2 : 4
  }
  return count
}

/** The canonical signed digits, lowest first: `value = sum of sign * 2 ** shift`. */
export function signedDigits(value: number): { readonly shift: number; readonly sign: 1 | -1 }[] {
  const digits: { shift: number; sign: 1 | -1 }[] = []
  const outer = value < 0 ? -1 : 1
  let rest = Math.abs(value)
  for (let shift = 0; rest >= 1; shift++) {
    if (rest % 2 === 1) {
      const digit = rest % 4 === 1 ? 1 : -1
      digits.push({ shift, sign: (digit * outer) as 1 | -1 })
      rest -= digit
    }
    rest /= 2
  }
  return digits
}
