import type { Dut } from '../dut.ts'

const listeners = new Set<(dut: Dut) => void>()

/**
 * Hears of every design under test that is made, for example to record it or to close it after a test.
 * @returns ends the listening
 */
export function onDut(listener: (dut: Dut) => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

export function announceDut(dut: Dut): void {
  for (const listener of listeners) listener(dut)
}
