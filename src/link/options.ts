import { randomInt } from 'node:crypto'
import { GemgateError } from '../core/errors.ts'
import { type LinkClock, systemClock } from './clock.ts'
import type { Framing } from './framer.ts'

/** All times in milliseconds. */
export interface LinkOptions {
  /** CRC-32 of the host's register table; a device with another one is refused. Left out: any device will do. */
  readonly schema?: number
  /** Shortest wait for an answer. Twice the latency timer of a serial bridge where that could not be lowered. */
  readonly minimumTimeout?: number
  /** Times that a request is repeated before it counts as lost; each waits twice as long as the one before. */
  readonly retries?: number
  /** Silence of the device after which it is asked whether it lives; also the longest pause between questions. */
  readonly keepAlive?: number
  /** Longest wait before received frames are acknowledged. */
  readonly acknowledgeDelay?: number
  /** Longest time that the carrier may need to take a chunk of bytes. */
  readonly writeTimeout?: number
  /** Times that a stream is sent again from the same frame without progress. */
  readonly streamRetries?: number
  /** Frames of the events stream that the device may send ahead; 1 to 32768. */
  readonly window?: number
  /** Bytes of whole messages that wait for a reader before the device is held up. */
  readonly receiveBuffer?: number
  /** Bytes of a message at most. */
  readonly maximumMessage?: number
  readonly clock?: LinkClock
  /** A number for each session, 32 bits, not the one before. */
  readonly nonce?: () => number
}

/** Options with their defaults. */
export interface LinkSettings extends Required<Omit<LinkOptions, 'schema'>> {
  readonly schema: number | undefined
  /** Bytes given to the carrier at once. */
  readonly chunk: number
}

/** On a UART at most 4 KiB wait in the kernel: 6 frames of 512 bytes fit with room to spare. */
const defaultWindow: Readonly<Record<Framing, number>> = { bytes: 6, records: 64 }
const defaultChunk: Readonly<Record<Framing, number>> = { bytes: 2048, records: 65536 }

/** Throws GG_USAGE for a number outside its range. */
export function linkSettings(options: LinkOptions, framing: Framing): LinkSettings {
  const settings = withDefaults(options, framing)
  for (const name of positive) {
    const value = settings[name]
    if (!(value > 0 && value <= Number.MAX_SAFE_INTEGER))
      throw new GemgateError('GG_USAGE', `${name} is ${value}`, 'Give a number above 0.')
  }
  for (const [name, from, to] of whole) {
    const value = settings[name]
    if (!Number.isInteger(value) || value < from || value > to)
      throw new GemgateError('GG_USAGE', `${name} is ${value}`, `Give an integer from ${from} to ${to}.`)
  }
  return settings
}

const positive = [
  'minimumTimeout',
  'keepAlive',
  'acknowledgeDelay',
  'writeTimeout',
  'receiveBuffer',
  'maximumMessage',
] as const

const whole = [
  ['retries', 0, 20],
  ['streamRetries', 1, 1_000_000],
  ['window', 1, 0x8000],
] as const

function withDefaults(options: LinkOptions, framing: Framing): LinkSettings {
  return {
    schema: options.schema,
    minimumTimeout: options.minimumTimeout ?? 30,
    retries: options.retries ?? 4,
    keepAlive: options.keepAlive ?? 500,
    acknowledgeDelay: options.acknowledgeDelay ?? 2,
    writeTimeout: options.writeTimeout ?? 5000,
    streamRetries: options.streamRetries ?? 50,
    window: options.window ?? defaultWindow[framing],
    receiveBuffer: options.receiveBuffer ?? 2 ** 22,
    maximumMessage: options.maximumMessage ?? 2 ** 26,
    clock: options.clock ?? systemClock,
    nonce: options.nonce ?? (() => randomInt(1, 2 ** 32)),
    chunk: defaultChunk[framing],
  }
}
