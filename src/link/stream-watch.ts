import { GemgateError } from '../core/errors.ts'
import type { LinkContext } from './link-context.ts'

/** Ends the session when a stream is sent again and again without progress: a device that answers, but never advances. */
export class StreamWatch {
  readonly #context: LinkContext
  readonly #complaint: string
  #futile = 0

  constructor(context: LinkContext, complaint: string) {
    this.#context = context
    this.#complaint = complaint
  }

  progress(): void {
    this.#futile = 0
  }

  futile(detail: string): void {
    if (++this.#futile <= this.#context.settings.streamRetries) return
    this.#context.fail(
      new GemgateError(
        'GG_LINK_TIMEOUT',
        `${this.#complaint}: ${detail} after ${this.#futile} attempts`,
        'Lower the baud rate, check the cable, or reset the device.',
      ),
    )
  }
}
