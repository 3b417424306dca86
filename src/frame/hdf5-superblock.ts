import { corrupt, truncated } from './file-errors.ts'

const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]

/** Bytes to read for `findHdf5`: a superblock may stand at 0, 512, 1024 or 2048 (after a user block). */
export const superblockBytes = 2048 + 128

/** Where the HDF5 superblock begins, or undefined. */
export function findHdf5(head: Uint8Array): number | undefined {
  for (const at of [0, 512, 1024, 2048]) {
    if (head.length >= at + 8 && signature.every((value, i) => head[at + i] === value)) return at
  }
  return undefined
}

/**
 * Compares the end of file that the superblock announces (HDF5 File Format Specification 3.0, II.A) with
 * the real size, so that a cut file is refused by name before the HDF5 library sees it.
 */
export function checkSuperblock(head: Uint8Array, size: number, file: string): void {
  const at = findHdf5(head)
  if (at === undefined) throw corrupt(file, 'does not begin with the HDF5 signature', 0)
  if (head.length < at + 16) throw truncated(file, 'ends inside its HDF5 superblock', head.length)
  const version = head[at + 8]!
  if (version > 3) throw corrupt(file, `has HDF5 superblock version ${version}`, at + 8)
  const sizeOfOffsets = head[at + (version < 2 ? 13 : 9)]
  if (sizeOfOffsets !== 8) return // the library knows the rare other sizes, and checks the end itself
  const base = at + (version === 0 ? 24 : version === 1 ? 28 : 12)
  if (head.length < base + 24) throw truncated(file, 'ends inside its HDF5 superblock', head.length)
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  const end = view.getBigUint64(base, true) + view.getBigUint64(base + 16, true)
  if (end > BigInt(size)) throw truncated(file, `announces ${end} bytes of HDF5 and has ${size}`, size)
}
