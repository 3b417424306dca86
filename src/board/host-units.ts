/** Registers of what stands before the macro-pixels: boards that take those need not keep what is written there. */
export const hostUnits = /^(clip_|weight_|common_|tile_)/
