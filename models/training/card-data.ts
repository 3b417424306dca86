import { energyRange, type Lines, percent, table } from './card-table.ts'
import type { describeSample } from './score-report.ts'

type Described = ReturnType<typeof describeSample>

/** The samples of a card. */
export interface CardSamples {
  readonly train: Described
  readonly volume: Described
  readonly fixedDrift: Described
}

/** Where the clusters of a card come from. */
export function dataSection(samples: CardSamples): Lines {
  const { train, volume, fixedDrift } = samples
  const row = (name: string, of: (sample: Described) => string): Lines => [
    name,
    of(train),
    of(volume),
    of(fixedDrift),
  ]
  const ranges = ({ recoils }: Described): string =>
    recoils.map(({ from, to, pairs }) => `${pairs} in ${from}-${to} keVee`).join(', ')
  return [
    '## Data',
    'Simulated with `sim/detector`: LIME at 440 V, every primary electron of a recoil diffused and amplified on its own; nuclear ' +
      '(He 40 %, C 20 %, F 40 %) and electron recoils in pairs of one energy, log-uniform, isotropic, anywhere on the sensor ' +
      'with vignetting and rolling shutter, a pair in one exposure half a sensor apart; alphas of the radon chain and muons ' +
      'as "other". Camera noise, a pedestal from dark frames and thresholds from further dark frames as in a run; then the ' +
      'integer datapath on whole rows. A recoil is represented by the cluster with most of its light; of alphas and muons ' +
      'every cluster counts, a muon falls into a few. The test samples have other deposits, other light yields and another ' +
      'camera with more noise; one has its recoils anywhere in the drift volume, the other at one drift distance.',
    table(
      ['', 'training', 'test, volume', `test, ${fixedDrift.z ?? '?'} cm`],
      [
        row('pairs of recoils', ranges),
        row('alphas and muons', ({ others }) => `${others}`),
        row('drift distance, cm', ({ z }) => (z === undefined ? '0-50' : `${z}`)),
        row('clusters: nuclear, electron, other', ({ clusters }) => clusters.join(', ')),
        row('seed of deposits, of camera', ({ seed, cameraSeed }) => `${seed}, ${cameraSeed}`),
        row('light yields (nominal 1)', ({ gains }) => gains.join(', ')),
        row('read noise, electrons', ({ readNoise }) => readNoise.toFixed(2)),
        row('dark frames: pedestal, thresholds', (s) => `${s.pedestalFrames}, ${s.noiseFrames}`),
        row('masked pixels', ({ masked }) => `${masked}`),
        row('thresholds low, high', ({ thresholds }) => thresholds.join(', ')),
      ],
    ),
    'Deposits that the trigger found, nuclear and electron:',
    table(
      ['keVee', 'volume', '', 'one drift distance', ''],
      volume.efficiency.map((bin, i) => [
        energyRange(bin),
        ...[bin, fixedDrift.efficiency[i]!].flatMap(({ nuclear, electron }) =>
          [nuclear, electron].map(({ found, deposits }) => percent(found, deposits)),
        ),
      ]),
    ),
  ]
}
