/** A nuclear recoil species. */
export type RecoilSpecies = 'helium' | 'carbon' | 'fluorine'

const nuclei: Readonly<Record<RecoilSpecies, { readonly charge: number; readonly mass: number }>> = {
  helium: { charge: 2, mass: 4.0026 },
  carbon: { charge: 6, mass: 12.011 },
  fluorine: { charge: 9, mass: 18.998 },
}

/**
 * Fraction of the kinetic energy (keV) of a recoil that ionises: Lindhard for each species in its own medium. This
 * is a labelled stand-in, the quenching factors that CYGNO fitted to SRIM are not published.
 */
export function quenchingFactor(species: RecoilSpecies, keVnr: number): number {
  const { charge, mass } = nuclei[species]
  const k = 0.133 * charge ** (2 / 3) * mass ** -0.5
  const e = 11.5 * charge ** (-7 / 3) * keVnr
  const g = 3 * e ** 0.15 + 0.7 * e ** 0.6 + e
  return (k * g) / (1 + k * g)
}

/** Ionisation energy (keV electron equivalent) of a recoil of `keVnr`. */
export function electronEquivalent(species: RecoilSpecies, keVnr: number): number {
  return keVnr <= 0 ? 0 : keVnr * quenchingFactor(species, keVnr)
}

/** Kinetic energy of the recoil that ionises like `keVee`: the inverse of `electronEquivalent`. */
export function recoilEnergy(species: RecoilSpecies, keVee: number): number {
  if (keVee <= 0) return 0
  let low = keVee
  let high = keVee * 2
  while (electronEquivalent(species, high) < keVee) high *= 2
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    if (electronEquivalent(species, middle) < keVee) low = middle
    else high = middle
  }
  return (low + high) / 2
}
