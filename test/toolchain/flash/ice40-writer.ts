import { createHash } from 'node:crypto'
import type { Random } from '../../../src/core/random.ts'
import type { ImageManifest } from '../../../src/toolchain/flash/check-image.ts'
import type { FlashTarget } from '../../../src/toolchain/flash/flash-target.ts'
import { ice40Crc } from '../../../src/toolchain/flash/ice40-crc.ts'
import { type Ice40Device, ice40Geometries } from '../../../src/toolchain/flash/ice40-devices.ts'

export interface WriterOptions {
  readonly device: Ice40Device
  readonly comment?: readonly string[]
  readonly frequencyRange?: number
  readonly options?: number
  readonly nothingIntoBram?: boolean
}

/** An iCE40 image with random content, in the order of icepack (write_bits). */
export function writeIce40(random: Random, settings: WriterOptions): Uint8Array {
  const { device, comment, frequencyRange = 0, options = 0x20 } = settings
  const geometry = ice40Geometries[device]
  const head: number[] = []
  if (comment !== undefined)
    head.push(0xff, 0, ...comment.flatMap((line) => [...Buffer.from(line), 0]), 0, 0xff)
  head.push(0x7e, 0xaa, 0x99, 0x7e, 0x51, frequencyRange, 1, 5)
  const body: number[] = [0x92, 0, options]
  const word = (code: number, value: number): void => void body.push(code, value >> 8, value & 255)
  const data = (code: number, bits: number): void => {
    body.push(1, code)
    for (let i = 0; i < bits / 8; i++) body.push(random.uniform() < 0.8 ? 0 : random.integer(256))
    body.push(0, 0)
  }
  word(0x62, geometry.cramWidth - 1)
  const uneven = device === '5k'
  if (!uneven) word(0x72, geometry.cramHeight[0])
  word(0x82, 0)
  for (const [bank, height] of geometry.cramHeight.entries()) {
    if (uneven) word(0x72, height)
    body.push(0x11, bank)
    data(1, geometry.cramWidth * height)
  }
  if (geometry.bramHeight > 0) {
    if (!uneven) word(0x62, geometry.bramWidth[0] - 1)
    word(0x72, 128)
    for (const [bank, width] of geometry.bramWidth.entries()) {
      body.push(0x11, bank)
      for (let offset = 0; offset < geometry.bramHeight; offset += 128) {
        word(0x82, offset)
        if (uneven) word(0x62, width - 1)
        if (settings.nothingIntoBram !== true) data(3, width * 128)
      }
    }
  }
  body.push(0x22)
  const crc = ice40Crc(Uint8Array.from(body), 0, body.length)
  return Uint8Array.from([...head, ...body, crc >> 8, crc & 255, 1, 6, 0])
}

/** Sets the CRC of a damaged image right again, so that only its structure can betray it. */
export function repairCrc(image: Uint8Array, start: number, end: number): Uint8Array {
  const result = image.slice()
  const crc = ice40Crc(result, start, end - 2)
  result[end - 2] = crc >> 8
  result[end - 1] = crc & 255
  return result
}

export function manifestFor(image: Uint8Array, target: FlashTarget, buildId: string): ImageManifest {
  return {
    board: target.board,
    device: target.device,
    package: target.package,
    buildId,
    image: {
      file: `${target.board}.bin`,
      bytes: image.length,
      sha256: createHash('sha256').update(image).digest('hex'),
    },
  }
}

/** A board with the smallest iCE40, so that a thousand runs over it take seconds. */
export const smallTarget: FlashTarget = {
  board: 'small',
  device: 'lp384',
  package: 'qn32',
  format: { kind: 'ice40', device: '384', frequencyRange: 'low' },
  flashBytes: 65536,
  usb: [{ vendor: 0x0403, product: 0x6010, what: 'FT2232H' }],
  tools: ['mpsse', 'iceprog', 'openfpgaloader'],
  openFpgaLoaderBoard: 'ice40_generic',
}
