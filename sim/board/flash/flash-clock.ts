import type { Clock } from '../../../src/toolchain/flash/clock.ts'

/** Time that passes only when somebody waits or moves bytes. Milliseconds. */
export class FlashClock implements Clock {
  #now = 0

  now(): number {
    return this.#now
  }

  async sleep(milliseconds: number): Promise<void> {
    this.advance(milliseconds)
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds
  }
}
