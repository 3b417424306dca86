import type { FlashMonitor, FlashStep } from '../toolchain/flash/flash-monitor.ts'
import { Progress } from './progress.ts'

/** A progress bar for each step that counts. */
export class FlashSteps implements FlashMonitor {
  #step: FlashStep = 'connect'
  #bar: Progress | undefined

  enter(step: FlashStep): void {
    this.finish()
    this.#step = step
  }

  changes(): void {}

  progress(done: number, total: number): void {
    this.#bar ??= new Progress(this.#step, total)
    this.#bar.reach(done)
  }

  finish(): void {
    this.#bar?.finish()
    this.#bar = undefined
  }
}
