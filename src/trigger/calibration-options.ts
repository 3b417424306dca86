/** Thresholds in units of the noise of the filter output. */
export interface CalibrationOptions {
  /** Low threshold, default 4, for skewed noise 2.5. */
  readonly sigmaLow?: number
  /** High threshold, default 8: far less than 0.01 false regions per empty LIME frame, and still when the camera drifted. */
  readonly sigmaHigh?: number
  readonly minimumPixels?: number
  /** Largest distance of macro-pixels of one cluster, 1 to 4; default 4 (a muon falls into two or three clusters, not into seven), for skewed noise 2. */
  readonly link?: number
  /** Residuals are limited to this many ADU from below and above; default 100 and 5000. */
  readonly clipLow?: number
  readonly clipHigh?: number
  /** ADU of one photoelectron: weights pixels by likelihood, which finds fainter spots; null where it is unknown. */
  readonly photoelectron?: number | null
  /** Without `photoelectron`: pixels not above this many sigma do not count in the search; default null: all do. */
  readonly zeroSuppression?: number | null
  /** Remove what a row has in common; default true, except for skewed noise. */
  readonly commonMode?: boolean
  /** Equalise the noise over the sensor, which takes frames without light; default true, except for skewed noise. */
  readonly regionGains?: boolean
  /** Most regions that the logic has gains for, default 1024; 0: none. */
  readonly maximumRegions?: number
  /** Tile-deviation trigger: sigma above the mean of each tile's deviation, CYGNO's is 5; null is off. */
  readonly tileSigma?: number | null
  readonly tileSize?: number
  readonly tileMargin?: number
  /** Take the upper side of skewed noise, for pictures whose noise is cut off at black; default false. */
  readonly skewed?: boolean
}

/** A frame's pixels, padded to the geometry. */
export type Noise = Uint16Array
