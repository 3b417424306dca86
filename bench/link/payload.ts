import { Random } from '../../src/core/random.ts'

/** Gives pieces of an endless row of random bytes: every value is as likely, escapes included. */
export function generator(seed: number): (length: number) => Uint8Array {
  const random = new Random(seed)
  return (length) => {
    const bytes = new Uint8Array(length)
    for (let i = 0; i < length; i++) bytes[i] = random.integer(256)
    return bytes
  }
}
