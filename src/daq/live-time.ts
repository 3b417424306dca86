import type { Frame } from '../frame/frame.ts'

/**
 * Fraction of the time in which the detector was watched: the exposures of the processed frames over the span
 * from the first exposure's start to the last one's end. Where frames carry no times (pictures) the camera's
 * dead time is unknown, and it is the fraction of frames that were processed.
 */
export class LiveTime {
  #first = Number.POSITIVE_INFINITY
  #end = 0
  #exposure = 0
  #timed = true
  #processed = 0
  #lost = 0

  processed(frame: Frame): void {
    this.#processed++
    this.#timed &&= frame.time > 0 && frame.exposure > 0
    this.#first = Math.min(this.#first, frame.time)
    this.#end = Math.max(this.#end, frame.time + frame.exposure)
    this.#exposure += frame.exposure
  }

  lost(): void {
    this.#lost++
  }

  /** For people: what the fraction is a fraction of. */
  get description(): string {
    const percent = (100 * this.fraction).toFixed(1)
    if (this.#timed && this.#processed > 0)
      return `live time ${percent} % of the time from first to last frame`
    return `processed ${this.#processed} frames, lost ${this.#lost}; the frames carry no times, live time unknown`
  }

  /** 0 to 1; 0 before the first frame. */
  get fraction(): number {
    const offered = this.#processed + this.#lost
    if (this.#processed === 0) return 0
    return this.#timed ? Math.min(1, this.#exposure / (this.#end - this.#first)) : this.#processed / offered
  }
}
