import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GemgateError } from '../../../src/core/errors.ts'
import { packageRoot } from '../../../src/core/package-root.ts'
import { Random } from '../../../src/core/random.ts'
import { boards, findBoard } from '../../../src/toolchain/boards.ts'
import { checkFormer, checkImage } from '../../../src/toolchain/flash/check-image.ts'
import { type FlashTarget, flashTarget } from '../../../src/toolchain/flash/flash-target.ts'
import { type Ice40Device, ice40Geometries } from '../../../src/toolchain/flash/ice40-devices.ts'
import { configurationDigest, parseIce40 } from '../../../src/toolchain/flash/ice40-image.ts'
import { parseLatticeBit } from '../../../src/toolchain/flash/lattice-bit.ts'
import { parseXilinxBit } from '../../../src/toolchain/flash/xilinx-bit.ts'
import { readManifest } from '../../../src/toolchain/manifest.ts'
import { manifestFor, repairCrc, smallTarget, writeIce40 } from './ice40-writer.ts'
import { mutate, mutationKinds } from './mutate-image.ts'
import { referenceUnpack } from './reference-unpack.ts'
import { xilinxBit } from './xilinx-writer.ts'

const devices = Object.keys(ice40Geometries) as Ice40Device[]
const refused = (parse: () => unknown): GemgateError | undefined => {
  try {
    parse()
    return undefined
  } catch (error) {
    if (error instanceof GemgateError && error.code === 'GG_IMAGE') return error
    throw error
  }
}

describe('iCE40 images', () => {
  test.each(devices)('%s: device, options and content are read', (device) => {
    const bytes = writeIce40(new Random(1), {
      device,
      comment: ['one', 'two'],
      options: 0x21,
      frequencyRange: 1,
    })
    const image = parseIce40(bytes)
    expect(image).toMatchObject({
      device,
      comment: ['one', 'two'],
      frequencyRange: 'medium',
      warmboot: true,
      nosleep: true,
      start: 12,
      trailing: 1,
    })
    const bits = image.blocks.reduce((sum, { data }) => sum + 8 * data.length, 0)
    const { cramWidth, cramHeight, bramWidth, bramHeight } = ice40Geometries[device]
    const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b)
    expect(bits).toBe(cramWidth * sum(cramHeight) + bramHeight * sum(bramWidth))
  })

  test('sizes are those of the real tools', () => {
    const size = (device: Ice40Device) => writeIce40(new Random(1), { device, comment: [] }).length
    expect([size('5k'), size('8k'), size('1k'), size('u4k')]).toEqual([104_090, 135_100, 32_220, 71_260])
  })

  test('the digest knows comment and padding as nothing, everything else as something', () => {
    const base = writeIce40(new Random(1), { device: '1k' })
    const digest = (bytes: Uint8Array): string => configurationDigest(parseIce40(bytes))
    expect(digest(writeIce40(new Random(1), { device: '1k', comment: ['x'] }))).toBe(digest(base))
    expect(digest(Buffer.concat([base, Buffer.alloc(9, 0xff)]))).toBe(digest(base))
    expect(digest(writeIce40(new Random(1), { device: '1k', options: 0 }))).not.toBe(digest(base))
    expect(digest(writeIce40(new Random(1), { device: '1k', frequencyRange: 2 }))).not.toBe(digest(base))
    expect(digest(writeIce40(new Random(2), { device: '1k' }))).not.toBe(digest(base))
    expect(digest(writeIce40(new Random(1), { device: '1k', nothingIntoBram: true }))).not.toBe(digest(base))
  })

  test('errors say where', () => {
    const image = writeIce40(new Random(1), { device: '384' })
    const offset = (bytes: Uint8Array): number | undefined => refused(() => parseIce40(bytes))?.offset
    expect(offset(new Uint8Array(0))).toBe(0)
    expect(offset(image.slice(0, 100))).toBe(100)
    expect(offset(Uint8Array.from([0x7f, ...image.slice(1)]))).toBe(0)
    expect(offset(Buffer.concat([image, Buffer.from([1])]))).toBe(image.length)
    const crc = image.slice()
    crc[image.length - 4]! ^= 1
    expect(offset(crc)).toBe(image.length - 5)
    const bank = image.indexOf(0x11)
    const wrongBank = image.slice()
    wrongBank[bank + 1] = 4
    expect(offset(wrongBank)).toBe(bank)
    expect(refused(() => parseIce40(new Uint8Array(17 * 2 ** 20)))?.message).toContain('bytes')
  })

  test('with the CRC right: nothing twice, nothing left out', () => {
    const image = writeIce40(new Random(1), { device: '384' })
    const { start, end } = parseIce40(image)
    const message = (cut: number, bytes: Uint8Array): string | undefined => {
      const changed = Buffer.concat([image.subarray(0, cut), bytes, image.subarray(cut)])
      return refused(() => parseIce40(repairCrc(changed, start + 8, end - 2 + bytes.length)))?.message
    }
    const options = start + 8
    expect(message(options, image.slice(options, options + 3))).toContain('twice')
    const [, , , last] = parseIce40(image).blocks
    const block = Buffer.concat([Buffer.from([1, 1]), last!.data, Buffer.from([0, 0])])
    expect(message(end - 5, block)).toBe('row 0 of CRAM bank 3 is written twice')
    const short = Buffer.concat([image.subarray(0, end - 5 - block.length), image.subarray(end - 5)])
    expect(refused(() => parseIce40(repairCrc(short, start + 8, end - 2 - block.length)))?.message).toBe(
      'row 0 of CRAM bank 3 of the 384 is missing',
    )
  })

  test('any bytes: an image or GG_IMAGE, quickly', () => {
    const start = [0x7e, 0xaa, 0x99, 0x7e, 0x51, 0, 1, 5]
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, begun) => {
        expect(refused(() => parseIce40(begun ? Uint8Array.from([...start, ...bytes]) : bytes))).toBeDefined()
      }),
      { numRuns: 3000, seed: 1 },
    )
    // The largest sizes that commands can announce, again and again.
    const greedy = Buffer.concat([
      Buffer.from(start),
      ...Array.from({ length: 200_000 }, () =>
        Buffer.from([0x62, 255, 255, 0x72, 255, 255, 0x82, 0, 0, 0x11, 0]),
      ),
      Buffer.from([1, 1]),
    ])
    const began = performance.now()
    expect(refused(() => parseIce40(greedy))).toBeDefined()
    expect(performance.now() - began).toBeLessThan(1000)
  })

  test.each(['5k', '8k'] as const)('%s: mutated images are refused or the same', (device) => {
    const target = flashTarget(findBoard(device === '5k' ? 'icebreaker' : 'hx8k'))!
    const image = writeIce40(new Random(1), { device })
    const manifest = manifestFor(image, target, '0123456789abcdef')
    const { start, end } = parseIce40(image)
    const original = referenceUnpack(image)
    const random = new Random(2)
    const map = {
      commands: [start + 4, start + 6, start + 8, start + 11, start + 14, start + 17, end],
      covered: start + 8,
      crcEnd: end - 2,
      otherDevice: writeIce40(new Random(1), { device: device === '5k' ? '8k' : '5k' }),
    }
    for (let n = 0; n < 160; n++) {
      const kind = mutationKinds[n % mutationKinds.length]!
      const mutant = mutate(kind, image, random, map)
      const equal = Buffer.compare(mutant, image) === 0
      expect(refused(() => checkImage(mutant, target, manifest)) === undefined, `${n}: ${kind}`).toBe(equal)
      if (refused(() => checkImage(mutant, target)) === undefined && !equal)
        expect(referenceUnpack(mutant), `${n}: ${kind}`).toBe(original)
    }
  })

  test('an image in a flash may be followed by anything', () => {
    const image = writeIce40(new Random(1), { device: '384' })
    const flash = Buffer.concat([image, Buffer.from('left from before')])
    expect(refused(() => parseIce40(flash))).toBeDefined()
    expect(parseIce40(flash, 'anything').end).toBe(image.length - 1)
    checkFormer(flash, smallTarget)
    expect(refused(() => checkFormer(new Uint8Array(100).fill(0xff), smallTarget))).toBeDefined()
    expect(refused(() => checkFormer(writeIce40(new Random(1), { device: '1k' }), smallTarget))).toBeDefined()
  })
})

describe('the check for a board', () => {
  test('the images in bitstreams/ pass with their manifests', async () => {
    const built = boards.filter(({ status }) => status !== 'simulated')
    expect(built.map(({ name }) => name)).toEqual(expect.arrayContaining(['icebreaker', 'hx8k']))
    for (const board of built) {
      const file = join(packageRoot, 'bitstreams', board.name)
      const manifest = await readManifest(`${file}.json`)
      const image = checkImage(await readFile(`${file}.bin`), flashTarget(board)!, manifest)
      expect(image.build, board.name).toBe(BigInt(`0x${manifest.buildId}`))
    }
  })

  test('device, frequency range and size', () => {
    const check = (bytes: Uint8Array, target: FlashTarget) =>
      refused(() => checkImage(bytes, target))?.message
    const image = writeIce40(new Random(1), { device: '384' })
    expect(check(image, smallTarget)).toBeUndefined()
    expect(check(image, flashTarget(findBoard('icebreaker'))!)).toContain('iCE40 384')
    expect(check(image, { ...smallTarget, flashBytes: 4096 })).toContain('4096')
    expect(check(writeIce40(new Random(1), { device: '384', frequencyRange: 2 }), smallTarget)).toContain(
      'high',
    )
    expect(check(new Uint8Array(0), smallTarget)).toContain('empty')
  })

  test('every board has a target with tools', () => {
    for (const board of boards) {
      const target = flashTarget(board)
      expect(target?.tools.length, board.name).toBeGreaterThan(0)
      if (target?.tools.includes('openfpgaloader'))
        expect(target.openFpgaLoaderBoard, board.name).toBeDefined()
      if (target?.tools.includes('vivado')) expect(target.vivado, board.name).toBeDefined()
      if (target?.tools.includes('dfu-util')) expect(target.dfu, board.name).toBeDefined()
    }
    expect(flashTarget(findBoard('ulx3s-85f'))?.format).toEqual({ kind: 'lattice-bit', idcode: 0x41113043 })
    expect(flashTarget(findBoard('acorn'))?.format).toEqual({ kind: 'xilinx-bit', idcode: 0x03636093 })
  })
})

function latticeBit(idcode: number): Uint8Array {
  const word = [idcode >>> 24, (idcode >>> 16) & 255, (idcode >>> 8) & 255, idcode & 255]
  const comment = [...Buffer.from('Part: LFE5U-85F-6CABGA381\0')]
  const commands = [0x3b, 0, 0, 0, 0xe2, 0, 0, 0, ...word, 0x22, 0, 0, 0, 0, 0, 0, 0, 0x46, 0, 0, 0]
  const preamble = [0xff, 0xff, 0xbd, 0xb3, 0xff, 0xff, 0xff, 0xff]
  return Uint8Array.from([0xff, 0, ...comment, ...preamble, ...commands, ...new Uint8Array(400)])
}

describe('ECP5 and Xilinx images', () => {
  const ulx3s = flashTarget(findBoard('ulx3s-85f'))!
  const acorn = flashTarget(findBoard('acorn'))!

  test('header and IDCODE', () => {
    expect(parseLatticeBit(latticeBit(0x41113043))).toMatchObject({
      idcode: 0x41113043,
      comment: ['Part: LFE5U-85F-6CABGA381'],
    })
    expect(parseXilinxBit(xilinxBit(0x13636093))).toMatchObject({ idcode: 0x13636093, part: '7a200tfbg484' })
  })

  test.each([
    ['ECP5', ulx3s, latticeBit(0x41113043), latticeBit(0x41111043)],
    ['Xilinx', acorn, xilinxBit(0x13636093), xilinxBit(0x13631093)],
  ] as const)(
    '%s: accepted with its manifest only, and for its device only',
    (_name, target, right, wrong) => {
      const manifest = (bytes: Uint8Array) => manifestFor(bytes, target, '0123456789abcdef')
      expect(checkImage(right, target, manifest(right)).build).toBe(0x0123456789abcdefn)
      expect(refused(() => checkImage(right, target))?.message).toContain('without a manifest')
      expect(refused(() => checkImage(wrong, target, manifest(wrong)))?.message).toContain('IDCODE')
      expect(refused(() => checkImage(wrong, target, manifest(right)))?.message).toContain('SHA-256')
    },
  )

  test('any bytes: GG_IMAGE or a header', () => {
    const random = new Random(5)
    for (const [parse, whole, needed] of [
      [parseLatticeBit, latticeBit(0x41113043), 48],
      [parseXilinxBit, xilinxBit(0x13636093), xilinxBit(0).length],
    ] as const) {
      for (let length = 0; length < needed; length++)
        expect(
          refused(() => parse(whole.slice(0, length))),
          `${length}`,
        ).toBeDefined()
      for (let n = 0; n < 3000; n++) {
        const bytes = whole.slice()
        for (let k = 0; k < 3; k++) bytes[random.integer(bytes.length)] = random.integer(256)
        refused(() => parse(bytes))
      }
    }
  })
})
