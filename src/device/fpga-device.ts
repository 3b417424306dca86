import type { Board } from '../board/board.ts'
import { checkCapability, type LogicCapability } from '../board/capability.ts'
import { registerSchema } from '../board/register-schema.ts'
import { frameRegisters, settingsRegisters } from '../board/settings-registers.ts'
import { GemgateError } from '../core/errors.ts'
import type { Frame } from '../frame/frame.ts'
import { decodeEventPacket, type EventRecord } from '../trigger/event-packet.ts'
import type { TriggerSettings } from '../trigger/settings.ts'
import type { Device, DeviceClassifier, DeviceInfo, ProcessOptions } from './device.ts'
import {
  type Configuration,
  checkConfiguration,
  loadPixels,
  requireConfiguration,
  timeTag,
} from './frame-loader.ts'

const descriptions = {
  model: 'emulated FPGA: the integer datapath in this process',
  sim: 'the Verilog, compiled to WebAssembly and simulated',
  serial: 'board on a serial line',
  xdma: 'board on PCIe',
  'vfio-user': 'emulated PCIe board on a socket',
  replay: 'recorded link traffic',
} as const

/** The trigger logic behind any board: registers and streams on one side, frames and events on the other. */
export class FpgaDevice implements Device {
  readonly info: DeviceInfo
  readonly classifier?: DeviceClassifier
  readonly #board: Board
  #configuration: Configuration | undefined

  /** @param classifier the board's classifier on its own, where the host has it */
  constructor(board: Board, classifier?: DeviceClassifier) {
    this.#board = board
    this.info = { address: board.info.address, description: descriptions[board.info.kind] }
    if (classifier !== undefined) this.classifier = classifier
  }

  get capability(): LogicCapability {
    return this.#board.info.capability
  }

  get clocksAfterLastPixel(): number | undefined {
    return this.#board.clocksAfterLastPixel
  }

  async configure(settings: TriggerSettings, pedestal: Uint32Array): Promise<void> {
    this.#configuration = undefined
    const configuration = checkConfiguration(settings, pedestal)
    const { schema, capability } = this.#board.info
    if (schema !== registerSchema)
      throw new GemgateError(
        'GG_REGISTER',
        `the logic has register table 0x${schema.toString(16)}, this gemgate 0x${registerSchema.toString(16)}`,
        'Flash the firmware of this version, or install the version of the firmware.',
      )
    checkCapability(settings, capability)
    // Whatever an earlier host left half done must not meet the next frame.
    await this.#board.write('reset', 1)
    await this.#board.writeAll(settingsRegisters(settings))
    await this.#board.send(
      'pedestal',
      new Uint8Array(pedestal.buffer, pedestal.byteOffset, pedestal.byteLength),
    )
    this.#configuration = configuration
  }

  async *process(
    frames: AsyncIterable<Frame> | Iterable<Frame>,
    options: ProcessOptions = {},
  ): AsyncGenerator<EventRecord, void, void> {
    const { settings } = requireConfiguration(this.#configuration)
    const events = this.#board.receive('events', options)[Symbol.asyncIterator]()
    for await (const frame of frames) {
      options.signal?.throwIfAborted()
      const pixels = loadPixels(frame, settings)
      await this.#board.writeAll(frameRegisters(frame.number, timeTag(frame)))
      await this.#board.send(
        'pixels',
        new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength),
        options,
      )
      const packet = await events.next()
      if (packet.done === true)
        throw new GemgateError('GG_CLOSED', 'the board closed during a frame', 'Open the board again.')
      const record = decodeEventPacket(packet.value)
      if (!answers(record, frame, settings))
        throw new GemgateError(
          'GG_STREAM',
          `the board answered frame ${frame.number} with an event of frame ${record.frame} at ${record.timeTag} us`,
          'Configure the device again: that resets the board.',
        )
      yield record
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#board[Symbol.asyncDispose]()
  }
}

/** The header echoes what the frame was sent with: number, time and settings. */
function answers(record: EventRecord, frame: Frame, settings: TriggerSettings): boolean {
  return (
    record.frame === frame.number >>> 0 &&
    record.timeTag === timeTag(frame) &&
    record.width === settings.width &&
    record.height === settings.height &&
    record.thresholdLow === settings.thresholdLow &&
    record.thresholdHigh === settings.thresholdHigh
  )
}
