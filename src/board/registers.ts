/** How the host may use a register. A `strobe` register also pulses a wire for one clock when it is written. */
export type RegisterAccess = 'read' | 'write' | 'strobe'

export interface RegisterDeclaration {
  readonly name: string
  readonly access: RegisterAccess
  readonly bits: number
  readonly reset: number
  readonly meaning: string
}

/**
 * The registers of the logic, declared once: hdl/trigger/register_file.sv, docs/registers.md and the schema
 * hash are generated from this list (npm run generate). Word addresses follow the order of the list.
 */
export const registerDeclarations = [
  { name: 'schema', access: 'read', bits: 32, reset: 0, meaning: 'CRC-32 of this table' },
  { name: 'build', access: 'read', bits: 32, reset: 0, meaning: 'build id of the logic' },
  { name: 'reset', access: 'strobe', bits: 1, reset: 0, meaning: 'forget the frame at hand and all packets' },
  { name: 'frames', access: 'read', bits: 32, reset: 0, meaning: 'event packets written since reset' },
  { name: 'width', access: 'write', bits: 13, reset: 0, meaning: 'pixels per row' },
  { name: 'height', access: 'write', bits: 13, reset: 0, meaning: 'rows' },
  { name: 'binning', access: 'write', bits: 3, reset: 4, meaning: 'pixels per macro-pixel side: 1, 2, 4' },
  { name: 'zero_suppress', access: 'write', bits: 1, reset: 0, meaning: 'zero suppression on' },
  { name: 'nsigma', access: 'write', bits: 8, reset: 0, meaning: 'zero suppression, 1/16 sigma' },
  { name: 'clip_low', access: 'write', bits: 17, reset: 131071, meaning: 'lower clip, 1/16 ADU below 0' },
  { name: 'clip_high', access: 'write', bits: 17, reset: 131071, meaning: 'upper clip, 1/16 ADU' },
  { name: 'threshold_low', access: 'write', bits: 25, reset: 33554431, meaning: 'filter output, member' },
  { name: 'threshold_high', access: 'write', bits: 25, reset: 33554431, meaning: 'filter output, seed' },
  { name: 'minimum_pixels', access: 'write', bits: 16, reset: 1, meaning: 'macro-pixels of a cluster' },
  { name: 'tile_enable', access: 'write', bits: 1, reset: 0, meaning: 'tile-deviation trigger on' },
  { name: 'tile_size', access: 'write', bits: 9, reset: 192, meaning: 'side of a tile, pixels' },
  { name: 'tile_margin', access: 'write', bits: 7, reset: 30, meaning: 'growth of a tile, pixels' },
  {
    name: 'tile_rewind',
    access: 'strobe',
    bits: 1,
    reset: 0,
    meaning: 'next tile threshold is that of tile 0',
  },
  {
    name: 'tile_threshold',
    access: 'strobe',
    bits: 24,
    reset: 0,
    meaning: 'variance, 1/16 ADU^2; next tile',
  },
  { name: 'frame_number', access: 'write', bits: 32, reset: 0, meaning: 'number of the next frame' },
  { name: 'time_low', access: 'write', bits: 32, reset: 0, meaning: 'time tag of the next frame, us, low' },
  { name: 'time_high', access: 'write', bits: 32, reset: 0, meaning: 'time tag of the next frame, us, high' },
] as const satisfies readonly RegisterDeclaration[]

export type RegisterName = (typeof registerDeclarations)[number]['name']

/** Word address of a register. */
export const registerAddress: ReadonlyMap<RegisterName, number> = new Map(
  registerDeclarations.map((register, address) => [register.name, address]),
)
