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
  { name: 'clip_low', access: 'write', bits: 17, reset: 131071, meaning: 'lower clip, 1/16 ADU below 0' },
  { name: 'clip_high', access: 'write', bits: 17, reset: 131071, meaning: 'upper clip, 1/16 ADU' },
  { name: 'weight_enable', access: 'write', bits: 1, reset: 0, meaning: 'search with pixel weights' },
  { name: 'weight_shift', access: 'write', bits: 3, reset: 0, meaning: 'step of the weights, 2^n/16 ADU' },
  { name: 'common_enable', access: 'write', bits: 1, reset: 0, meaning: 'row common mode is removed' },
  { name: 'common_content', access: 'write', bits: 17, reset: 131071, meaning: 'its limit, contents, ADU' },
  { name: 'common_search', access: 'write', bits: 17, reset: 131071, meaning: 'its limit, weighted, ADU' },
  { name: 'gain_enable', access: 'write', bits: 1, reset: 0, meaning: 'gains per region on' },
  { name: 'gain_columns', access: 'write', bits: 4, reset: 0, meaning: 'region, log2 of macro-pixels' },
  { name: 'gain_rows', access: 'write', bits: 4, reset: 0, meaning: 'region, log2 of macro-pixels' },
  { name: 'threshold_low', access: 'write', bits: 25, reset: 33554431, meaning: 'filter output, member' },
  { name: 'threshold_high', access: 'write', bits: 25, reset: 33554431, meaning: 'filter output, seed' },
  { name: 'link', access: 'write', bits: 3, reset: 1, meaning: 'reach of a cluster, 1 to 4 macro-pixels' },
  { name: 'minimum_pixels', access: 'write', bits: 16, reset: 1, meaning: 'macro-pixels of a cluster' },
  { name: 'tile_enable', access: 'write', bits: 1, reset: 0, meaning: 'tile-deviation trigger on' },
  { name: 'tile_size', access: 'write', bits: 9, reset: 192, meaning: 'side of a tile, pixels' },
  { name: 'tile_margin', access: 'write', bits: 7, reset: 30, meaning: 'growth of a tile, pixels' },
  {
    name: 'table',
    access: 'strobe',
    bits: 2,
    reset: 0,
    meaning:
      'table that `table_word` fills from its start: 0 tile thresholds, 1 pixel weights, 2 region gains',
  },
  {
    name: 'table_word',
    access: 'strobe',
    bits: 24,
    reset: 0,
    meaning: 'next entry: variance in 1/16 ADU^2, weight in 1/16 ADU (12 bits signed), gain in 1/4096',
  },
  { name: 'frame_number', access: 'write', bits: 32, reset: 0, meaning: 'number of the next frame' },
  { name: 'time_low', access: 'write', bits: 32, reset: 0, meaning: 'time tag of the next frame, us, low' },
  { name: 'time_high', access: 'write', bits: 32, reset: 0, meaning: 'time tag of the next frame, us, high' },
  {
    name: 'clipped_pixels',
    access: 'write',
    bits: 32,
    reset: 0,
    meaning: 'clipped pixels of the next frame where the host bins; logic that bins counts them itself',
  },
  {
    name: 'capability',
    access: 'read',
    bits: 32,
    reset: 0,
    meaning: 'units of the logic, see capability.ts',
  },
] as const satisfies readonly RegisterDeclaration[]

/** Values of the register `table`. */
export const tables = { tileThresholds: 0, pixelWeights: 1, regionGains: 2 } as const

export type RegisterName = (typeof registerDeclarations)[number]['name']

/** Word address of a register. */
export const registerAddress: ReadonlyMap<RegisterName, number> = new Map(
  registerDeclarations.map((register, address) => [register.name, address]),
)
