import { expect, test } from 'vitest'
import { GemgateError } from '../../../src/core/errors.ts'
import { Random } from '../../../src/core/random.ts'
import {
  type CheckedImage,
  checkImage,
  type ImageManifest,
} from '../../../src/toolchain/flash/check-image.ts'
import { parseIce40 } from '../../../src/toolchain/flash/ice40-image.ts'
import { manifestFor, smallTarget, writeIce40 } from './ice40-writer.ts'
import { type ImageMap, type Mutation, mutate, mutationKinds } from './mutate-image.ts'
import { referenceUnpack } from './reference-unpack.ts'

const image = writeIce40(new Random(1), { device: '384', comment: ['gemgate test', 'arch=lp384'] })
const manifest = manifestFor(image, smallTarget, '0123456789abcdef')
const original = referenceUnpack(image)!
const map: ImageMap = {
  commands: commandOffsets(image),
  covered: parseIce40(image).start + 8,
  crcEnd: parseIce40(image).end - 2,
  otherDevice: writeIce40(new Random(2), { device: '1k' }),
}

/** Undefined when it is refused; anything but GG_IMAGE fails the test. */
function check(bytes: Uint8Array, withManifest?: ImageManifest): CheckedImage | undefined {
  try {
    return checkImage(bytes, smallTarget, withManifest)
  } catch (error) {
    if (error instanceof GemgateError && error.code === 'GG_IMAGE') return undefined
    throw error
  }
}

test('10 000 mutated images are refused, or configure exactly the same', () => {
  const random = new Random(3)
  const accepted = new Map<Mutation, number>()
  let same = 0
  for (let n = 0; n < 10_000; n++) {
    const kind = mutationKinds[n % mutationKinds.length]!
    const mutant = mutate(kind, image, random, map)
    const equal = Buffer.compare(mutant, image) === 0
    if (equal) same++
    // With a manifest: the file that was built, or nothing.
    expect(check(mutant, manifest) !== undefined, `${n}: ${kind}`).toBe(equal)
    // Without one: what passes makes the device the same, by an interpreter that was written apart.
    if (check(mutant) === undefined) continue
    expect(referenceUnpack(mutant), `${n}: ${kind}`).toBe(original)
    if (!equal) accepted.set(kind, (accepted.get(kind) ?? 0) + 1)
  }
  // Some did pass: comment and padding do not matter, nor the same setting twice.
  expect(accepted.get('one bit')).toBeGreaterThan(0)
  expect(accepted.get('junk behind')).toBeGreaterThan(0)
  expect(accepted.get('command twice, CRC repaired')).toBeGreaterThan(0)
  expect(accepted.get('other device')).toBeUndefined()
  expect(accepted.get('truncation') ?? 0).toBeLessThan(3)
  expect(same).toBeLessThan(1000)
})

test('single bit flips outside of comment and padding are refused without a manifest', () => {
  const { start, end } = parseIce40(image)
  const mutant = image.slice()
  for (let at = start; at < end; at++)
    for (let bit = 0; bit < 8; bit++) {
      // All bits around the commands at both ends, one bit of each byte between.
      if (at > start + 40 && at < end - 12 && bit !== at % 8) continue
      mutant[at]! ^= 1 << bit
      if (check(mutant) !== undefined) expect.fail(`bit ${bit} of byte ${at} passed`)
      mutant[at]! ^= 1 << bit
    }
})

test('a wrong manifest refuses the right image', () => {
  expect(check(image, manifest)).toBeDefined()
  const wrong: Partial<ImageManifest>[] = [
    { board: 'icebreaker' },
    { device: 'up5k' },
    { package: 'sg48' },
    { image: { ...manifest.image, bytes: image.length + 1 } },
    {
      image: {
        ...manifest.image,
        sha256: manifest.image.sha256.replace(/^./, (c) => (c === '0' ? '1' : '0')),
      },
    },
    { image: manifestFor(map.otherDevice, smallTarget, '00').image },
  ]
  for (const change of wrong) expect(check(image, { ...manifest, ...change })).toBeUndefined()
})

test('a manifest does not make a damaged image right', () => {
  const random = new Random(4)
  for (let n = 0; n < 500; n++) {
    const mutant = mutate(mutationKinds[n % mutationKinds.length]!, image, random, map)
    const checked = mutant.length > 0 && check(mutant, manifestFor(mutant, smallTarget, '0123456789abcdef'))
    if (checked) expect(referenceUnpack(mutant)).toBe(original)
  }
})

/** Offsets of all commands of an undamaged image. */
function commandOffsets(bytes: Uint8Array): number[] {
  const { start, end } = parseIce40(bytes)
  const offsets = []
  let width = 0
  let height = 0
  for (let at = start + 4; at < end; ) {
    offsets.push(at)
    const code = bytes[at]!
    const payload = (code & 15) === 2 ? bytes[at + 1]! * 256 + bytes[at + 2]! : bytes[at + 1]!
    at += 1 + (code & 15)
    if (code === 0x62) width = payload + 1
    if (code === 0x72) height = payload
    if (code === 0x01 && (payload === 1 || payload === 3)) at += (width * height) / 8 + 2
  }
  return [...offsets, end]
}
