/** Names of icepack. `5k` is the UP5K, `8k` also stands in 4K parts. */
export type Ice40Device = '384' | '1k' | '8k' | '5k' | 'u4k' | 'lm4k'

/** Configuration memory of a device, in bits. A file tells its device only by these sizes. */
export interface Ice40Geometry {
  readonly cramWidth: number
  /** Rows of CRAM banks 0 to 3. */
  readonly cramHeight: readonly [number, number, number, number]
  /** Bits per row of the block RAM of banks 0 to 3; 0 where there is none. */
  readonly bramWidth: readonly [number, number, number, number]
  readonly bramHeight: number
}

const same = (value: number): readonly [number, number, number, number] => [value, value, value, value]

/** Source: icepack.cc (read_ascii, write_bits). */
export const ice40Geometries: Readonly<Record<Ice40Device, Ice40Geometry>> = {
  '384': { cramWidth: 182, cramHeight: same(80), bramWidth: same(0), bramHeight: 0 },
  '1k': { cramWidth: 332, cramHeight: same(144), bramWidth: same(64), bramHeight: 256 },
  '8k': { cramWidth: 872, cramHeight: same(272), bramWidth: same(128), bramHeight: 256 },
  '5k': { cramWidth: 692, cramHeight: [336, 176, 336, 176], bramWidth: [160, 80, 160, 80], bramHeight: 256 },
  u4k: { cramWidth: 692, cramHeight: same(176), bramWidth: same(80), bramHeight: 256 },
  lm4k: { cramWidth: 656, cramHeight: same(176), bramWidth: same(80), bramHeight: 256 },
}

/** The device with that CRAM, or undefined. */
export function ice40DeviceOf(cramWidth: number, cramHeight: number): Ice40Device | undefined {
  const found = Object.entries(ice40Geometries).find(
    ([, geometry]) => geometry.cramWidth === cramWidth && geometry.cramHeight[0] === cramHeight,
  )
  return found?.[0] as Ice40Device | undefined
}
