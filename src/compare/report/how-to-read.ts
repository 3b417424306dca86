import { type Html, html } from './html.ts'
import type { Fact } from './report-data.ts'

/** Where the brightness and the energies on pictures come from. Null: no energy scale was given. */
export function lightItem(aduPerKeVee: number | null): Html {
  return aduPerKeVee === null
    ? html`<li><b>Light</b> on pictures is the cluster's sum above pedestal in ADU. No energy scale was given for this camera, so
clusters have no energies here.</li>`
    : html`<li><b>Energies</b> on pictures mean "about N keV" electron equivalent: the cluster's sum in ADU over ${aduPerKeVee},
uncorrected for vignetting, saturation, gain and lost tails. They are low by a factor of two to five near the corners, close to the GEMs and in dense tracks.</li>`
}

/** The same as a line of the provenance table. */
export function lightFact(aduPerKeVee: number | null): Fact {
  return aduPerKeVee === null
    ? ['light on pictures', 'cluster sum in ADU above pedestal; no energy scale was given']
    : [
        'energies on pictures',
        `about: cluster sum over ${aduPerKeVee} ADU per keVee, uncorrected for vignetting, saturation and gain`,
      ]
}

/** What the winning class is worth. */
export function classItem(): Html {
  return html`<li><b>Below about 10 keVee the winning class is arbitrary.</b> Nuclear and electron recoils cannot be told apart there by
the shipped network (AUC close to 0.5 at equal energy, models/recoil-mlp.md): it calls most of both nuclear. An NR at
these energies is no nuclear recoil candidate. "Other" stands for alphas, muons and everything else, and is no error. Cuts on the
score belong on calibration data, energy by energy.</li>`
}
