import { energyRange, figureCells, figuresOf, type Lines, measured, percent, table } from './card-table.ts'
import type { EnergyBin, Scored } from './evaluate.ts'
import type { ScoreReport } from './score-report.ts'

/** Below this energy, keVee, the study and ours find the classes alike. */
const separableFrom = 6

const figureNames = ['AUC', 'at 90 %', 'at 99 %', 'at 99.9 %'] as const
const densityNames = ['density AUC', 'at 90 %', 'at 99 %'] as const

/** The scores of a classifier, for its card. */
export function scoreSections(report: ScoreReport): Lines {
  return [
    ...matchedEnergy(report),
    ...leaks(report),
    ...quantization(report),
    ...calibration(report),
    ...winners(report),
    ...anchor(report),
  ]
}

function matchedEnergy({ byEnergy, fixedDrift, byLight }: ScoreReport): Lines {
  const head = ['nuclear, electron', ...figureNames, ...densityNames]
  const cells = (bin: Scored): Lines => [
    `${bin.nuclear}, ${bin.electron}`,
    ...figureCells(bin, 'classifier'),
    ...figureCells(bin, 'density').slice(0, densityNames.length),
  ]
  const byEnergyTable = (bins: readonly EnergyBin[]): string =>
    table(
      ['keVee', ...head],
      bins.map((bin) => [energyRange(bin), ...cells(bin)]),
    )
  return [
    '## Scores at matched energy',
    'Test samples only. AUC and the fraction of nuclear recoils kept where 90, 99 and 99.9 % of the electrons in the same bin ' +
      'are rejected, thresholds per bin; errors are one standard deviation. 0.5, 0.1, 0.01 and 0.001 are chance. "Density" is ' +
      'a plain cut on ADU per macro-pixel (feature 2) on the same clusters. Anywhere in the drift volume:',
    byEnergyTable(byEnergy),
    'At one drift distance (see Data), which the classifier does not know:',
    byEnergyTable(fixedDrift),
    ...knowingDrift(fixedDrift),
    notSeparable(byEnergy, fixedDrift),
    'Against measured light, with as many electrons as nuclear recoils at each value of it, which is what an ' +
      'experiment can do and leaves only the shape (about 1700 ADU per keVee at the centre of LIME):',
    table(
      ['light, ADU', ...head],
      byLight.map((bin) => [`${bin.lowAdu}-${bin.highAdu}`, ...cells(bin)]),
    ),
  ]
}

function knowingDrift(fixedDrift: readonly EnergyBin[]): Lines {
  if (fixedDrift.some(({ figures }) => figures['knowingDrift'] === undefined)) return []
  const aucs = (name: string): string =>
    fixedDrift.map((bin) => `${measured(figuresOf(bin, name).auc)} (${energyRange(bin)})`).join(', ')
  return [
    `What the drift distance is worth: a plain cut on the length (feature 3) reaches an AUC of ${aucs('length')} at this ` +
      'distance, where diffusion widens every spot alike, but not in the whole volume. A twin in floating point trained at ' +
      `this distance alone reaches ${aucs('knowingDrift')}. The trigger does not know that distance.`,
  ]
}

function notSeparable(...samples: readonly (readonly EnergyBin[])[]): string {
  const low = samples.map((bins) => bins.filter(({ highKeVee }) => highKeVee <= separableFrom))
  const largest = Math.max(...low.flat().map((bin) => figuresOf(bin, 'classifier').auc.value))
  return (
    `**Below ${separableFrom} keVee nuclear and electron recoils are not separable** in pictures of this detector: no AUC above ` +
    `${largest.toFixed(2)} in either table. Which class wins there means nothing.`
  )
}

function leaks({ byEnergy }: ScoreReport): Lines {
  return [
    'Does energy leak? Within a keVee bin the true energy alone gives an AUC of 0.5, and making the spectra equal in 16 ' +
      'slices changes nothing. Measured light does differ: dense nuclear recoils saturate GEM3 and give less light at ' +
      'the same keVee. Taking light away altogether (equal counts at each value) leaves the last column.',
    table(
      ['keVee', 'AUC of true energy', 'AUC of light', 'classifier', 'spectra equal', 'light equal'],
      byEnergy.map((bin) => [
        energyRange(bin),
        measured(bin.leak.keVee),
        measured(bin.leak.light),
        measured(figuresOf(bin, 'classifier').auc),
        measured(figuresOf(bin.energyMatched, 'classifier').auc),
        measured(figuresOf(bin.lightMatched, 'classifier').auc),
      ]),
    ),
  ]
}

function quantization({ byEnergy, fixedDrift, species }: ScoreReport): Lines {
  const pair = (bin: EnergyBin): Lines => {
    const [own, float] = ['classifier', 'float'].map((name) => figuresOf(bin, name).auc.value) as [
      number,
      number,
    ]
    return [own.toFixed(4), float.toFixed(4), (own - float).toFixed(4)]
  }
  return [
    'What the quantization costs: AUC of the shipped integers and of the same trained weights without any rounding, on the ' +
      'same clusters; and each species against all electrons:',
    table(
      [
        'keVee',
        'volume: integer',
        'float',
        'difference',
        'one distance: integer',
        'float',
        'difference',
        'helium',
        'carbon',
        'fluorine',
      ],
      byEnergy.map((bin, i) => {
        const { helium, carbon, fluorine } = species[i]!.auc
        return [
          energyRange(bin),
          ...pair(bin),
          ...pair(fixedDrift[i]!),
          ...[helium, carbon, fluorine].map(measured),
        ]
      }),
    ),
  ]
}

function calibration({ calibration: { volume } }: ScoreReport): Lines {
  const parts = Array.from({ length: 10 }, (_, part) => part)
  return [
    '## Calibration',
    'Fraction of nuclear recoils among the recoils to which the classifier gives a probability of that range (its two scores ' +
      'as logits, both classes equally frequent), test sample of the whole volume; a dash is fewer than ten recoils. The last column ' +
      'is the mean distance between claim and truth.',
    table(
      ['keVee', ...parts.map((part) => `${part / 10}-${(part + 1) / 10}`), 'mean distance'],
      volume.map((bin) => [
        energyRange(bin),
        ...parts.map((part) => {
          const found = bin.bins.find(({ claimed }) => Math.min(9, Math.floor(10 * claimed)) === part)
          return found === undefined || found.recoils < 10
            ? '-'
            : `${found.nuclear.toFixed(2)} ± ${found.error.toFixed(2)}`
        }),
        bin.error.toFixed(3),
      ]),
    ),
  ]
}

function winners({ accuracy, confusion }: ScoreReport): Lines {
  return [
    `Which class wins (all scores compared, fraction of clusters; accuracy over all test clusters ${(100 * accuracy).toFixed(1)} %):`,
    table(
      ['particle', 'keVee in the cluster', 'clusters', 'nuclear', 'electron', 'other'],
      confusion.map((row) => [
        row.particle,
        energyRange(row),
        `${row.clusters}`,
        ...row.winners.map((n) => percent(n, row.clusters)),
      ]),
    ),
  ]
}

function anchor({ byEnergy, unmatched }: ScoreReport): Lines {
  const matched = byEnergy.find(({ lowKeVee }) => lowKeVee === separableFrom)
  const plain = (name: string): string => figureCells(unmatched, name).slice(1, 3).join(' and ')
  const beside =
    matched === undefined
      ? ''
      : ` At matched energy, ${energyRange(matched)} keVee, the AUC is ${measured(figuresOf(matched, 'classifier').auc)}.`
  return [
    '## Anchor',
    'LEMON (arXiv 2007.12508, real AmBe against 55Fe, a density cut): 52 % of nuclear recoils at 90 % rejection of 5.9 keV ' +
      'electrons, 36 % at 99 %. That signal spans 1 to 100 keV while the background is one line, so most of it is energy. ' +
      'Compared in that way (all nuclear recoils of the test sample from 1 keVee against electrons of 5 to 7 keVee) the ' +
      `density cut gives ${plain('density')} and the classifier ${plain('classifier')}.${beside} ` +
      'What the density cut gains over its rows above is energy, and a classifier taught not to use energy loses it. ' +
      'Neither number predicts LEMON, which has other optics, gain and drift length.',
  ]
}

/** What no card may leave out. */
export const limitsSection: Lines = [
  '## Limits',
  [
    '- Simulation only; no real LIME frame took part, and real ones have sparks, glow and pile-up that this has not.',
    "- Quenching is Lindhard per species in its own medium, a stand-in for CYGNO's unpublished factors; the mix of He, C and F is assumed.",
    '- Recoil tracks are ranges with straggling, without the branching of a full cascade.',
    '- One voltage, drift field and gas mixture; light yields within 30 % of nominal. Retrain for another detector.',
    '- Cuts on the score should be set per energy, on calibration data, never on these thresholds.',
  ].join('\n'),
]
