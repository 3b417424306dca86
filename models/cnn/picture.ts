import { bitLength } from '../../src/trigger/log2.ts'

/** A picture's steps of light: 4 ADU each at first, then 32 for each factor of two. */
const firstShift = 2
const mantissaBits = 5
const largestStep = 255

/**
 * What the network reads for the content of a macro-pixel: steps of 4 ADU below 256 ADU, from there on 32 steps
 * for each factor of two (a piecewise linear logarithm), 255 from 16384 ADU on and 0 below 0. In logic a
 * leading-one detector and a shift.
 * @param content ADU, an integer
 * @returns 0 ... 255
 */
export function lightStep(content: number): number {
  if (content <= 0) return 0
  const octave = Math.max(0, bitLength(content) - 1 - firstShift - mantissaBits)
  return Math.min(largestStep, (octave << mantissaBits) + (content >> (firstShift + octave)))
}

/** Pictures of crops, element by element. */
export function picturesOf(crops: Int16Array): Uint8Array {
  return Uint8Array.from(crops, lightStep)
}
