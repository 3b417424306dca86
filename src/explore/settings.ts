/** A dense network of the nine features with ReLU in between. */
export interface NetworkSettings {
  readonly kind: 'mlp'
  /** Neurons of each hidden layer. */
  readonly hidden: readonly number[]
  /** Bits of a weight with its sign, 2 ... 8. */
  readonly weightBits: number
  /** Bits of a hidden activation, which has no sign, 2 ... 8. */
  readonly activationBits: number
}

/** Boosted trees on the nine features. */
export interface TreeSettings {
  readonly kind: 'trees'
  /** Rounds of boosting. */
  readonly trees: number
  readonly depth: number
}

/** What is trained. */
export type ClassifierSettings = NetworkSettings | TreeSettings

/** How a classifier becomes logic. */
export type HardwareSettings =
  /** Everything at once, one cluster per clock, with so many adders or comparators between registers. */
  | { readonly architecture: 'unrolled'; readonly levels: number }
  /** `reuse` multiplications share a multiplier; null: those of a whole layer. */
  | { readonly architecture: 'folded'; readonly reuse: number | null }

/** A classifier as logic. */
export interface ClassifierChoice {
  readonly classifier: ClassifierSettings
  readonly hardware: HardwareSettings
}

/** How the trigger looks for clusters. */
export interface TriggerChoice {
  /** Pixels per macro-pixel side. */
  readonly binning: 2 | 4
  /** Seed threshold in sigma of the filtered noise. */
  readonly sigmaHigh: number
  /**
   * What a pixel counts for in the search: its likelihood, for light comes in photoelectrons; its content up to a limit;
   * or the same with pixels below so many sigma counting as 0.
   */
  readonly pixels: 'likelihood' | 'limited' | number
}

/** `mlp 10-7 w8 a7`, `trees 16x3`. */
export function classifierName(settings: ClassifierSettings): string {
  return settings.kind === 'trees'
    ? `trees ${settings.trees}x${settings.depth}`
    : `mlp ${settings.hidden.join('-')} w${settings.weightBits} a${settings.activationBits}`
}

/** `unrolled 2`, `folded 16`, `folded all`. */
function hardwareName(settings: HardwareSettings): string {
  return settings.architecture === 'unrolled'
    ? `unrolled ${settings.levels}`
    : `folded ${settings.reuse ?? 'all'}`
}

export function choiceName({ classifier, hardware }: ClassifierChoice): string {
  return `${classifierName(classifier)}, ${hardwareName(hardware)}`
}

/** `4x4, 6.5 sigma, pixels by likelihood`. */
export function triggerName({ binning, sigmaHigh, pixels }: TriggerChoice): string {
  const weights = typeof pixels === 'number' ? `above ${pixels} sigma` : pixelNames[pixels]
  return `${binning}x${binning}, ${sigmaHigh} sigma, pixels ${weights}`
}

const pixelNames = { likelihood: 'by likelihood', limited: 'limited' } as const
