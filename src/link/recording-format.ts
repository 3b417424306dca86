import { crc32 } from 'node:zlib'
import { GemgateError } from '../core/errors.ts'
import { encodeFrame } from './frame.ts'
import type { Framing } from './framer.ts'
import { frameKind, type LinkFrame } from './protocol.ts'

/** First line of a recording. */
export interface RecordingHeader {
  /** What the file is. */
  readonly format: 'gemgate link recording'
  readonly version: 1
  /** Carrier that was recorded, for people. */
  readonly carrier: string
  readonly framing: Framing
  /** What the recorder knows of the board, for people. */
  readonly board: Readonly<Record<string, string | number | boolean>>
}

/** Who sent a frame. */
export type RecordedSide = 'host' | 'device'

export interface RecordedFrame {
  /** Milliseconds since the recording began. */
  readonly time: number
  readonly from: RecordedSide
  readonly frame: LinkFrame
}

const kindNames: ReadonlyMap<number, string> = new Map(
  Object.entries(frameKind).map(([name, kind]) => [kind, name]),
)
const kindsByName: Readonly<Record<string, number>> = frameKind

/** One line of a recording, with its line end. `crc` is the CRC-32 of the frame as it went over the link. */
export function recordingLine({ time, from, frame }: RecordedFrame): string {
  const { kind, flags, seq, aux, payload } = frame
  const line = {
    time: Math.round(time * 1000) / 1000,
    from,
    kind: kindNames.get(kind) ?? kind,
    flags,
    seq,
    aux,
    payload: Buffer.from(payload).toString('base64'),
    crc: frameCrc(frame),
  }
  return `${JSON.stringify(line)}\n`
}

/** Last line of a recording: without it the file was cut. */
export function endLine(frames: number): string {
  return `${JSON.stringify({ end: true, frames })}\n`
}

export function headerLine(header: RecordingHeader): string {
  return `${JSON.stringify(header)}\n`
}

/** Throws GG_FILE_FORMAT for the first line of another kind of file or another version. */
export function parseHeader(text: string, file: string): RecordingHeader {
  const value = parseObject(text)
  const { format, version, carrier, framing, board } = value ?? {}
  if (format !== 'gemgate link recording' || version !== 1)
    throw new GemgateError(
      'GG_FILE_FORMAT',
      format === undefined
        ? 'this is no link recording'
        : `version ${version} of link recordings is not known`,
      'Record the traffic with this version.',
      { file, line: 1 },
    )
  if (typeof carrier !== 'string' || (framing !== 'bytes' && framing !== 'records') || !isObject(board))
    throw damaged('the header is not complete', file, 1)
  return value as unknown as RecordingHeader
}

/** A frame, or the number of frames where this is the last line. Throws GG_FILE_CORRUPT naming the line. */
export function parseLine(text: string, file: string, line: number): RecordedFrame | number {
  const value = parseObject(text)
  if (value === undefined) throw damaged('the line is no JSON object', file, line)
  if (value['end'] === true) {
    if (!isInteger(value['frames'], 2 ** 53))
      throw damaged('the last line has no number of frames', file, line)
    return value['frames']
  }
  const { time, from, flags, seq, aux, payload, crc } = value
  const kind = typeof value['kind'] === 'string' ? kindsByName[value['kind']] : value['kind']
  if (
    typeof time !== 'number' ||
    (from !== 'host' && from !== 'device') ||
    !isInteger(kind, 256) ||
    !isInteger(flags, 256) ||
    !isInteger(seq, 65536) ||
    !isInteger(aux, 65536) ||
    typeof payload !== 'string'
  )
    throw damaged('a field is missing or out of its range', file, line)
  const bytes = new Uint8Array(Buffer.from(payload, 'base64'))
  const frame: LinkFrame = { kind, flags, seq, aux, payload: bytes }
  if (bytes.length > 65535 || crc !== frameCrc(frame))
    throw damaged('the CRC does not go with the frame', file, line)
  return { time, from, frame }
}

/** GG_FILE_CORRUPT at a line. */
export function damaged(message: string, file: string, line: number): GemgateError {
  return new GemgateError(
    'GG_FILE_CORRUPT',
    message,
    'The recording was changed or damaged: record it again.',
    {
      file,
      line,
    },
  )
}

function frameCrc(frame: LinkFrame): string {
  return crc32(encodeFrame(frame).subarray(0, -4)).toString(16).padStart(8, '0')
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isInteger(value: unknown, below: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < below
}
