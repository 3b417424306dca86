import { createHash } from 'node:crypto'
import { ice40Crc } from './ice40-crc.ts'
import { type Ice40Device, ice40DeviceOf, ice40Geometries } from './ice40-devices.ts'
import { imageError } from './image-error.ts'

/** Clock with which the device reads its flash. */
export type Ice40FrequencyRange = 'low' | 'medium' | 'high'

/** A run of rows that the image writes into one bank. */
export interface Ice40Block {
  readonly memory: 'cram' | 'bram'
  readonly bank: number
  readonly width: number
  /** First row and number of rows. */
  readonly offset: number
  readonly height: number
  /** width * height / 8 bytes, a view of the file. */
  readonly data: Uint8Array
}

/** What an iCE40 bitstream makes of a device. */
export interface Ice40Image {
  readonly device: Ice40Device
  /** Text lines before the preamble; the device ignores them. */
  readonly comment: readonly string[]
  readonly frequencyRange: Ice40FrequencyRange
  readonly warmboot: boolean
  readonly nosleep: boolean
  readonly blocks: readonly Ice40Block[]
  /** Offset of the preamble, and of the first byte behind the wakeup command. */
  readonly start: number
  readonly end: number
  /** Padding behind the wakeup command, all 00 or FF. */
  readonly trailing: number
}

/** Files above 16 MiB are refused unread: no iCE40 board has that much in reach of 24 address bits. */
const largestImage = 16 * 1024 * 1024

const longestComment = 4096
const mostBlocks = 64
const ranges = ['low', 'medium', 'high'] as const

/**
 * Reads and verifies an iCE40 bitstream, stricter than the device: the order of icepack and iCEcube2 (frequency range,
 * CRC reset, options and data, CRC check, wakeup), nothing but padding behind it, each row written at most once,
 * the CRAM of one known device whole. Nothing that configures stands outside of the CRC except the frequency
 * range, which the board's profile fixes. Time and memory are linear in the file, any bytes are safe.
 *
 * Format: icepack.cc; docs/flashing.md.
 * @param behind what may follow the wakeup command: in a file padding only; in a flash anything, the device stops there
 * @throws GemgateError GG_IMAGE with the byte offset
 */
export function parseIce40(bytes: Uint8Array, behind: 'padding' | 'anything' = 'padding'): Ice40Image {
  if (bytes.length > largestImage) throw imageError(`${bytes.length} bytes are no iCE40 image`)
  const { start, comment } = readComment(bytes)
  const commands = new Commands(bytes, start + 4)
  const frequency = commands.next()
  if (frequency.code !== 0x51 || frequency.payload > 2)
    throw imageError('the preamble is not followed by a frequency range', frequency.at)
  const reset = commands.next()
  if (reset.code !== 0x01 || reset.payload !== 5)
    throw imageError('the frequency range is not followed by a reset of the CRC', reset.at)
  const covered = commands.offset
  const { blocks, options } = readData(bytes, commands)
  if (ice40Crc(bytes, covered, commands.offset) !== 0)
    throw imageError('the CRC is wrong, the image is damaged', commands.offset - 2)
  const wakeup = commands.next()
  if (wakeup.code !== 0x01 || wakeup.payload !== 6)
    throw imageError('the CRC is not followed by the wakeup command', wakeup.at)
  for (let i = commands.offset; behind === 'padding' && i < bytes.length; i++)
    if (bytes[i] !== 0 && bytes[i] !== 0xff) throw imageError('something follows the wakeup command', i)
  return {
    device: checkCoverage(blocks),
    comment,
    frequencyRange: ranges[frequency.payload]!,
    warmboot: (options & 0x20) !== 0,
    nosleep: (options & 1) !== 0,
    blocks,
    start,
    end: commands.offset,
    trailing: bytes.length - commands.offset,
  }
}

/**
 * SHA-256 of everything that the image configures: device, options, and every bit of CRAM and BRAM with its place.
 * Two images with the same digest make the same of a device; comment, padding, and the cut into blocks do not enter.
 */
export function configurationDigest(image: Ice40Image): string {
  const { device, frequencyRange, warmboot, nosleep } = image
  const hash = createHash('sha256')
  hash.update(`${device} ${frequencyRange} ${warmboot} ${nosleep}`)
  const ordered = image.blocks.toSorted(
    (a, b) => a.memory.localeCompare(b.memory) || a.bank - b.bank || a.offset - b.offset,
  )
  let run = ''
  let row = -1
  for (const { memory, bank, offset, height, data } of ordered) {
    if (run !== `${memory} ${bank}` || row !== offset) hash.update(`|${memory} ${bank} ${offset}:`)
    hash.update(data)
    run = `${memory} ${bank}`
    row = offset + height
  }
  return hash.digest('hex')
}

/** Finds the preamble: at the start, or behind a comment FF 00 (text, nul)... 00 FF. */
function readComment(bytes: Uint8Array): { start: number; comment: string[] } {
  let start = 0
  if (bytes[0] === 0xff && bytes[1] === 0) {
    start = bytes.indexOf(0xff, 2) + 1
    const limit = Math.min(longestComment, bytes.length)
    if (start === 0 || start > limit) throw imageError('the comment at the start does not end', limit)
    if (start < 4 || bytes[start - 2] !== 0)
      throw imageError('the comment does not end with 00 FF', start - 1)
    for (let i = 2; i < start - 1; i++)
      if (bytes[i] !== 0 && bytes[i] !== 9 && (bytes[i]! < 32 || bytes[i]! > 126))
        throw imageError('the comment holds a byte that is no text', i)
  }
  for (const [i, byte] of [0x7e, 0xaa, 0x99, 0x7e].entries())
    if (bytes[start + i] !== byte)
      throw imageError(
        start + i >= bytes.length
          ? 'the file ends before the preamble'
          : 'there is no preamble 7E AA 99 7E: this is no iCE40 image',
        Math.min(start + i, bytes.length),
      )
  const text = Buffer.from(bytes.subarray(Math.min(2, start), Math.max(0, start - 1))).toString('latin1')
  return { start, comment: text.split('\0').filter((line) => line !== '') }
}

interface Command {
  /** The command byte: operation, and length of the payload in its low bits. */
  readonly code: number
  readonly payload: number
  readonly at: number
}

/** Cursor over commands. Only the lengths of payload that icepack writes pass. */
class Commands {
  readonly #bytes: Uint8Array
  offset: number

  constructor(bytes: Uint8Array, offset: number) {
    this.#bytes = bytes
    this.offset = offset
  }

  next(): Command {
    const at = this.offset
    const code = this.#bytes[at]
    if (code === undefined) throw imageError('the file ends before the wakeup command', at)
    const length = code & 15
    if (length !== 1 && length !== 2)
      throw imageError(`0x${code.toString(16).padStart(2, '0')} is no command`, at)
    if (at + length >= this.#bytes.length) throw imageError('the file ends in a command', this.#bytes.length)
    const first = this.#bytes[at + 1]!
    this.offset += 1 + length
    return { code, payload: length === 1 ? first : first * 256 + this.#bytes[at + 2]!, at }
  }

  take(length: number, what: string): Uint8Array {
    if (this.offset + length > this.#bytes.length)
      throw imageError(`the file ends in ${what}`, this.#bytes.length)
    this.offset += length
    return this.#bytes.subarray(this.offset - length, this.offset)
  }
}

/** Everything between the reset of the CRC and, including, the CRC. */
function readData(bytes: Uint8Array, commands: Commands): { blocks: Ice40Block[]; options: number } {
  const blocks: Ice40Block[] = []
  let options = -1
  let bank = -1
  let width = 0
  let height = 0
  let offset = -1
  for (;;) {
    const { code, payload, at } = commands.next()
    if (code === 0x11) {
      if (payload > 3) throw imageError(`there is no bank ${payload}`, at)
      bank = payload
    } else if (code === 0x62) width = payload + 1
    else if (code === 0x72) height = payload
    else if (code === 0x82) offset = payload
    else if (code === 0x92) {
      if ((payload & ~0x21) !== 0) throw imageError(`unknown options 0x${payload.toString(16)}`, at)
      if (options !== -1) throw imageError('the options are set twice', at)
      options = payload
    } else if (code === 0x22) {
      if (options === -1) throw imageError('the options are missing', at)
      return { blocks, options }
    } else if (code === 0x01 && (payload === 1 || payload === 3)) {
      const bits = width * height
      if (bank < 0 || offset < 0 || bits === 0) throw imageError('data without bank, size or offset', at)
      if (bits % 8 !== 0 || (width * offset) % 8 !== 0)
        throw imageError(`${width} x ${height} bits from row ${offset} on are no whole bytes`, at)
      if (blocks.length === mostBlocks) throw imageError(`more than ${mostBlocks} blocks of data`, at)
      const data = commands.take(bits / 8, 'the configuration data')
      const end = commands.take(2, 'the configuration data')
      if (end[0] !== 0 || end[1] !== 0)
        throw imageError('the data do not end with 00 00', commands.offset - 2)
      blocks.push({ memory: payload === 1 ? 'cram' : 'bram', bank, width, offset, height, data })
    } else if (code === 0x01 && payload === 8)
      throw imageError('this is an image with several configurations (warm boot header)', at)
    else
      throw imageError(
        `command ${[...bytes.subarray(at, commands.offset)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')} has no place here`,
        at,
      )
  }
}

/** Finds the device, and checks that its CRAM is written once and whole, its BRAM at most once. */
function checkCoverage(blocks: readonly Ice40Block[]): Ice40Device {
  const cram = blocks.filter((block) => block.memory === 'cram')
  const width = Math.max(0, ...cram.map((block) => block.width))
  const height = Math.max(0, ...cram.map((block) => block.offset + block.height))
  const device = ice40DeviceOf(width, height)
  if (device === undefined)
    throw imageError(`no iCE40 has a configuration memory of ${width} x ${height} bits`)
  const geometry = ice40Geometries[device]
  const written = new Set<number>()
  for (const { memory, bank, width, offset, height } of blocks) {
    const [bankWidth, rows] =
      memory === 'cram'
        ? [geometry.cramWidth, geometry.cramHeight[bank]!]
        : [geometry.bramWidth[bank]!, geometry.bramHeight]
    if (width !== bankWidth || offset + height > rows)
      throw imageError(
        `${memory.toUpperCase()} bank ${bank} of the ${device} has ${bankWidth} x ${rows} bits, not ${width} x ${offset + height}`,
      )
    for (let row = offset; row < offset + height; row++) {
      const key = ((memory === 'cram' ? 0 : 4) + bank) * 512 + row
      if (written.has(key))
        throw imageError(`row ${row} of ${memory.toUpperCase()} bank ${bank} is written twice`)
      written.add(key)
    }
  }
  for (const [bank, rows] of geometry.cramHeight.entries())
    for (let row = 0; row < rows; row++)
      if (!written.has(bank * 512 + row))
        throw imageError(`row ${row} of CRAM bank ${bank} of the ${device} is missing`)
  return device
}
