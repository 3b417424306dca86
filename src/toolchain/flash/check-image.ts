import { createHash } from 'node:crypto'
import type { BitstreamManifest } from '../manifest.ts'
import type { FlashTarget } from './flash-target.ts'
import { configurationDigest, parseIce40 } from './ice40-image.ts'
import { imageError } from './image-error.ts'
import { parseLatticeBit } from './lattice-bit.ts'
import { parseXilinxBit } from './xilinx-bit.ts'

/** What flashing needs of a manifest. */
export type ImageManifest = Pick<BitstreamManifest, 'board' | 'device' | 'package' | 'buildId' | 'image'>

/** An image that may be flashed on the board that it was checked for. */
export interface CheckedImage {
  readonly bytes: Uint8Array
  readonly sha256: string
  /** What a HELLO must return afterwards; undefined without a manifest. */
  readonly build: bigint | undefined
  /** Digest of what it configures (configurationDigest); undefined where the data are not parsed. */
  readonly configuration: string | undefined
  /** For people, for example `iCE40 5k, 104090 bytes, CRC right`. */
  readonly description: string
  /** Things to know that do not keep the image from being flashed. */
  readonly notes: readonly string[]
}

/**
 * Decides whether an image may go onto a board: its format, its device, its size, and, with a manifest, board,
 * device, size and SHA-256. Without a manifest an iCE40 image stands on its 16-bit CRC and its structure, and an
 * ECP5 or Xilinx image is refused, because only its header can be checked.
 * @throws GemgateError GG_IMAGE
 */
export function checkImage(bytes: Uint8Array, target: FlashTarget, manifest?: ImageManifest): CheckedImage {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (bytes.length === 0) throw imageError('the image is empty', 0)
  if (bytes.length > target.flashBytes)
    throw imageError(`${bytes.length} bytes do not fit into the flash of ${target.flashBytes} bytes`)
  if (manifest !== undefined) checkManifest(bytes.length, sha256, target, manifest)
  const content = checkContent(bytes, target)
  if (manifest === undefined && target.format.kind !== 'ice40')
    throw imageError(
      'without a manifest only the header of this image can be checked',
      undefined,
      'Put the manifest that was built with the image beside it.',
    )
  return { bytes, sha256, build: manifest && BigInt(`0x${manifest.buildId}`), ...content }
}

function checkManifest(length: number, sha256: string, target: FlashTarget, manifest: ImageManifest): void {
  const { board, device, image } = manifest
  const remedy = `Use an image of ${target.board} and the manifest that was made with it.`
  if (board !== target.board)
    throw imageError(`the manifest is for the board ${board}, not ${target.board}`, undefined, remedy)
  if (device !== target.device)
    throw imageError(`the manifest is for the device ${device}, not ${target.device}`, undefined, remedy)
  if (manifest.package !== target.package)
    throw imageError(
      `the manifest is for the package ${manifest.package}, not ${target.package}`,
      undefined,
      remedy,
    )
  if (length !== image.bytes)
    throw imageError(
      `the image has ${length} bytes, the manifest says ${image.bytes}`,
      Math.min(length, image.bytes),
      remedy,
    )
  if (sha256 !== image.sha256)
    throw imageError('the SHA-256 of the image is not that of the manifest', undefined, remedy)
}

function checkContent(
  bytes: Uint8Array,
  { format, board }: FlashTarget,
): Pick<CheckedImage, 'configuration' | 'description' | 'notes'> {
  if (format.kind === 'ice40') {
    const image = parseIce40(bytes)
    if (image.device !== format.device)
      throw imageError(
        `the image is for an iCE40 ${image.device}, and ${board} has an iCE40 ${format.device}`,
      )
    if (image.frequencyRange !== format.frequencyRange)
      throw imageError(
        `the image reads the flash in the ${image.frequencyRange} frequency range, ${board} needs ${format.frequencyRange}`,
        image.start + 5,
      )
    return {
      configuration: configurationDigest(image),
      description: `iCE40 ${image.device}, ${bytes.length} bytes, CRC right`,
      notes: image.nosleep ? ['the image keeps the flash awake after configuration (nosleep)'] : [],
    }
  }
  const { idcode } = format.kind === 'lattice-bit' ? parseLatticeBit(bytes) : parseXilinxBit(bytes)
  const mask = format.kind === 'lattice-bit' ? 0xffffffff : 0x0fffffff
  if ((idcode & mask) >>> 0 !== (format.idcode & mask) >>> 0)
    throw imageError(`the image is for the IDCODE 0x${hex(idcode)}, ${board} has 0x${hex(format.idcode)}`)
  return {
    configuration: undefined,
    description: `${format.kind === 'lattice-bit' ? 'ECP5' : 'Xilinx'} image, ${bytes.length} bytes, IDCODE right`,
    notes: ['only the header and the SHA-256 were checked, the configuration data are not parsed'],
  }
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0')
}

/**
 * Checks what was read from the flash of a board whose logic answered: it must begin with an image for the board.
 * @throws GemgateError GG_IMAGE
 */
export function checkFormer(bytes: Uint8Array, { format, board }: FlashTarget): void {
  if (format.kind !== 'ice40') return
  const remedy =
    'The flash is not read reliably (cable, supply), or the FPGA was not loaded from it; --no-backup does without.'
  try {
    if (parseIce40(bytes, 'anything').device === format.device) return
  } catch (cause) {
    throw imageError(
      `${board} runs, but what was read from its flash is no image: ${cause instanceof Error ? cause.message : cause}`,
      undefined,
      remedy,
    )
  }
  throw imageError(`the image in the flash is for another device than that of ${board}`, undefined, remedy)
}
