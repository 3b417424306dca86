import { type ByteSource, fileSource, gunzipSource } from './byte-source.ts'
import { overLimit, truncated, wrongShape } from './file-errors.ts'
import { maxEventBytes } from './limits.ts'
import {
  type Bank,
  type EventHeader,
  eventHeaderBytes,
  isInternal,
  parseBanks,
  parseEventHeader,
} from './midas-event.ts'
import { openFile } from './open-file.ts'
import { checkGeometry, type Picture, picture } from './picture.ts'
import { toAdu } from './samples.ts'

/** CYGNO's rule: pictures up to this many bytes are square, larger ones are of the Quest (4096 x 2304). */
const largestSquare = 1.1 * 10_616_832
const quest = { width: 4096, height: 2304 }

/** Pictures of a MIDAS file: one per bank CAM0, CAM1, … in file order, timed by the event header. */
export async function* readMidas(path: string): AsyncGenerator<Picture> {
  await using opened = await openFile(path)
  yield* pictures(fileSource(opened.handle, opened.size), path)
}

/** The same from a gzip file, decompressed as a stream: one event is in memory at a time. */
export async function* readMidasGzip(path: string): AsyncGenerator<Picture> {
  // Opened once for its errors (missing, empty, a pipe): the stream reports those less well.
  await (await openFile(path))[Symbol.asyncDispose]()
  const source = gunzipSource(path)
  try {
    yield* pictures(source, path)
  } finally {
    await source.close()
  }
}

async function* pictures(source: ByteSource, file: string): AsyncGenerator<Picture> {
  const head = new Uint8Array(eventHeaderBytes)
  const buffer = new EventBuffer()
  let position = 0
  let found = 0
  for (;;) {
    const got = await source.read(head)
    if (got === 0) break
    if (got < head.length) throw truncated(file, 'ends inside a MIDAS event header', position + got)
    const header = parseEventHeader(head)
    if (header.size > maxEventBytes)
      throw overLimit(file, `announces a MIDAS event of ${header.size} bytes`, position)
    const data = await buffer.read(source, header.size, file, position + eventHeaderBytes)
    const dataPosition = position + eventHeaderBytes
    position = dataPosition + header.size
    if (isInternal(header)) continue
    for (const bank of parseBanks(data, file, dataPosition)) {
      if (!/^CAM[0-9A-Z]$/.test(bank.name)) continue
      found++
      yield cameraPicture(data, bank, header, file, dataPosition)
    }
  }
  if (found === 0)
    throw wrongShape(
      file,
      'has no camera bank (CAM0, CAM1, …)',
      'Use a run that was taken with the camera on',
    )
}

/**
 * The data of events, one at a time: each call overwrites what the one before returned. Memory grows with
 * what really arrives, not with what is announced.
 */
class EventBuffer {
  #bytes = new Uint8Array(0)

  async read(
    source: ByteSource,
    size: number,
    file: string,
    position: number,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const short = (got: number) =>
      truncated(file, `ends inside a MIDAS event, ${size - got} bytes too early`, position + got)
    const { remaining } = source
    if (remaining !== undefined && remaining < size) throw short(remaining)
    if (remaining !== undefined && this.#bytes.length < size) this.#bytes = new Uint8Array(size)
    if (this.#bytes.length === 0) this.#bytes = new Uint8Array(1 << 20)
    for (let got = 0; ; ) {
      const end = Math.min(size, this.#bytes.length)
      const more = await source.read(this.#bytes.subarray(got, end))
      got += more
      if (got < end) throw short(got)
      if (got === size) return this.#bytes.subarray(0, size)
      const larger = new Uint8Array(Math.min(size, 2 * this.#bytes.length))
      larger.set(this.#bytes)
      this.#bytes = larger
    }
  }
}

function cameraPicture(
  data: Uint8Array<ArrayBuffer>,
  bank: Bank,
  header: EventHeader,
  file: string,
  dataPosition: number,
): Picture {
  const offset = dataPosition + bank.offset
  if (bank.type !== 4 && bank.type !== 5)
    throw wrongShape(
      file,
      `has ${bank.name} with MIDAS type ${bank.type}; pixels are 16-bit (type 4)`,
      'Check the camera frontend',
      offset,
    )
  const { width, height } = cameraGeometry(bank, file, offset)
  checkGeometry(file, width, height, offset)
  const bytes = data.slice(bank.offset, bank.offset + bank.size)
  const type = { kind: bank.type === 4 ? 'u' : 'i', bytes: 2, littleEndian: true } as const
  return picture(toAdu(bytes, type, { file, offset }, true), width, height, {
    source: `${file}#event${header.serial}/${bank.name}`,
    bitDepth: 16,
    time: header.time,
  })
}

/** The shape follows from the size alone: MIDAS camera banks have no header of their own. */
function cameraGeometry(bank: Bank, file: string, offset: number): { width: number; height: number } {
  const pixels = bank.size / 2
  if (bank.size > largestSquare) {
    if (pixels === quest.width * quest.height) return quest
  } else {
    const side = Math.round(Math.sqrt(pixels))
    if (side * side === pixels && side > 0) return { width: side, height: side }
  }
  throw wrongShape(
    file,
    `has ${bank.name} of ${bank.size} bytes, neither a square picture nor ${quest.width} x ${quest.height}`,
    'Cameras of other shapes cannot be told from the bank size; convert the run to HDF5 or npy',
    offset,
  )
}
