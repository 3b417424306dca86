import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { GemgateError } from '../core/errors.ts'
import { damaged, parseHeader, parseLine, type RecordingHeader } from './recording-format.ts'
import { type Recording, RecordingReader } from './recording-reader.ts'

/** A file larger than this is refused: what it records is held in memory. */
const maximumFile = 2 ** 30

/**
 * Reads a recording. Throws GG_FILE_NOT_FOUND, GG_FILE_FORMAT, GG_FILE_LIMIT, GG_FILE_TRUNCATED, and GG_FILE_CORRUPT with
 * the line that is wrong.
 */
export async function readRecording(file: string): Promise<Recording> {
  await checkSize(file)
  const input = createReadStream(file, 'utf8')
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
  let header: RecordingHeader | undefined
  let reader: RecordingReader | undefined
  let number = 0
  let end: number | undefined
  try {
    for await (const text of lines) {
      number++
      if (end !== undefined) throw damaged('something follows the last line', file, number)
      if (reader === undefined) {
        header = parseHeader(text, file)
        reader = new RecordingReader(file)
        continue
      }
      const line = parseLine(text, file, number)
      if (typeof line === 'number') end = line
      else reader.add(line, number)
    }
  } catch (error) {
    throw error instanceof GemgateError ? error : unreadable(file, error)
  } finally {
    lines.close()
    input.destroy()
  }
  if (header === undefined || reader === undefined) parseHeader('', file)
  if (end !== reader!.frames)
    throw new GemgateError(
      'GG_FILE_TRUNCATED',
      end === undefined
        ? 'the last line is missing'
        : `${reader!.frames} frames, and the last line says ${end}`,
      'Record the traffic again, and close the link at the end.',
      { file, line: number },
    )
  return reader!.finish(header!)
}

async function checkSize(file: string): Promise<void> {
  let size: number
  try {
    const found = await stat(file)
    if (!found.isFile()) throw new Error('it is no file')
    size = found.size
  } catch (cause) {
    throw unreadable(file, cause)
  }
  if (size > maximumFile)
    throw new GemgateError(
      'GG_FILE_LIMIT',
      `the recording has ${size} bytes, more than ${maximumFile}`,
      'Record a shorter run.',
      { file },
    )
}

function unreadable(file: string, cause: unknown): GemgateError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new GemgateError(
    'GG_FILE_NOT_FOUND',
    `the recording cannot be read: ${reason}`,
    'Check the path and who may read the file.',
    { file, cause },
  )
}
