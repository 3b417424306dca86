/** What made a deposit. `helium`, `carbon` and `fluorine` are nuclear recoils; `electron` is an electron recoil. */
export type Particle = 'electron' | 'helium' | 'carbon' | 'fluorine' | 'alpha' | 'muon'

export type RecoilClass = 'nuclear' | 'electron' | 'other'

/** The class that the classifier is asked for: nuclear recoil, electron recoil, or other (alpha, muon). */
export function recoilClass(particle: Particle): RecoilClass {
  if (particle === 'helium' || particle === 'carbon' || particle === 'fluorine') return 'nuclear'
  return particle === 'electron' ? 'electron' : 'other'
}

/** One simulated energy deposit and the light that it left on the sensor. */
export interface Deposit {
  readonly particle: Particle
  /** Ionisation energy in keV electron equivalent. */
  readonly keVee: number
  /** Kinetic energy of a nuclear recoil in keV; null for electrons and muons. */
  readonly keVnr: number | null
  /** Position of the interaction vertex in pixels. */
  readonly x: number
  readonly y: number
  /** Drift distance of the vertex to the first GEM in cm. */
  readonly z: number
  /** Noise-free light summed over the frame, in ADU. */
  readonly adu: number
  /** Pixel indices (y * width + x) that received light, ascending, and the noise-free ADU in each. */
  readonly pixels: Uint32Array
  readonly light: Float32Array
}

/** The truth of one synthetic frame. */
export interface Truth {
  readonly deposits: readonly Deposit[]
}
