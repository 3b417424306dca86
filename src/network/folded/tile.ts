/** How a matrix is cut for the multipliers, as `hdl/network/folded_matrix.sv` works through it. */
export interface Tile {
  /** Inputs and outputs that are multiplied in one clock. */
  readonly inputs: number
  readonly outputs: number
  /** Slices of a beat and groups of outputs. */
  readonly slices: number
  readonly groups: number
  /** Clocks for one tensor. */
  readonly clocks: number
}

/**
 * The fastest tile with at most `multipliers`; of equal ones the one with fewer sums at a time, then with
 * fewer multipliers.
 * @param beats and `lanes` of the input
 */
export function chooseTile(beats: number, lanes: number, outputs: number, multipliers: number): Tile {
  let best: Tile | undefined
  for (let i = 1; i <= Math.min(lanes, multipliers); i++) {
    const slices = Math.ceil(lanes / i)
    // More inputs at once in as many slices would only idle.
    if (i > 1 && Math.ceil(lanes / (i - 1)) === slices) continue
    const most = Math.min(outputs, Math.floor(multipliers / i))
    const groups = Math.ceil(outputs / most)
    const tile = {
      inputs: i,
      outputs: Math.ceil(outputs / groups),
      slices,
      groups,
      clocks: beats * slices * groups,
    }
    if (best === undefined || isBetter(tile, best)) best = tile
  }
  return best!
}

function isBetter(tile: Tile, than: Tile): boolean {
  if (tile.clocks !== than.clocks) return tile.clocks < than.clocks
  if (tile.outputs !== than.outputs) return tile.outputs < than.outputs
  return tile.inputs * tile.outputs < than.inputs * than.outputs
}

/**
 * The fewest multipliers that work through a tensor in `clocks`; undefined when no number of them does.
 * @param beats and `lanes` of the input
 */
export function fewestMultipliers(
  beats: number,
  lanes: number,
  outputs: number,
  clocks: number,
): number | undefined {
  let fewest: number | undefined
  for (let slices = 1; slices <= lanes; slices++) {
    const groups = Math.min(outputs, Math.floor(clocks / (beats * slices)))
    if (groups < 1) break
    const count = Math.ceil(lanes / slices) * Math.ceil(outputs / groups)
    if (fewest === undefined || count < fewest) fewest = count
  }
  return fewest
}
