import type { Measured, WorkingPoint } from '../../src/compare/roc.ts'
import type { Family } from '../../src/toolchain/synthesize.ts'
import { featureFormat } from '../../src/trigger/features.ts'
import type { RecoilReport } from './report.ts'
import type { RocFigures } from './score.ts'

type Lines = readonly string[]

const familyNames: Readonly<Record<Family, string>> = {
  ice40: 'iCE40 (-dsp)',
  ecp5: 'ECP5',
  xc7: 'Xilinx 7-series',
}

const value = ({ value, error }: Measured): string => `${value.toFixed(3)} ± ${error.toFixed(3)}`
const point = ({ efficiency, error }: WorkingPoint): string =>
  `${efficiency.toFixed(3)} ± ${error.toFixed(3)}`
const percent = (part: number, all: number): string =>
  all === 0 ? '-' : `${((100 * part) / all).toFixed(1)} %`
const range = (bin: { readonly lowKeVee: number; readonly highKeVee: number | null }): string =>
  bin.highKeVee === null ? `above ${bin.lowKeVee}` : `${bin.lowKeVee}-${bin.highKeVee}`

function table(head: Lines, rows: readonly Lines[]): string {
  const line = (cells: Lines): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function figuresOf(
  scored: { readonly figures: Readonly<Record<string, RocFigures>> },
  name: string,
): RocFigures {
  const found = scored.figures[name]
  if (found === undefined) throw new RangeError(`the report has no figures of '${name}'`)
  return found
}

function working(scored: { readonly figures: Readonly<Record<string, RocFigures>> }, name: string): Lines {
  const { auc, efficiencyAt90, efficiencyAt99 } = figuresOf(scored, name)
  return [value(auc), point(efficiencyAt90), point(efficiencyAt99)]
}

/** The model card, models/recoil-mlp.md: all its numbers come from the report. */
export function renderCard(report: RecoilReport): string {
  return `${[...identity(report), ...data(report), ...results(report), ...hardware(report)].join('\n\n')}\n`
}

function identity(report: RecoilReport): Lines {
  const { training } = report
  return [
    '# recoil-mlp',
    '<!-- Made from recoil-mlp.generated.json by train-recoil-mlp.ts; do not edit. -->',
    'The classifier in the trigger logic: nine int8 features of a cluster (`src/trigger/features.ts`) to three int16 ' +
      "scores, nuclear recoil, electron recoil, other. Dense 9-10-7-3 with ReLU, the shape of CYGNO's own network " +
      `(CYGNUS-RD/reconstruction, mva/trainNet.py): ${report.parameters} parameters. The discriminant is the nuclear ` +
      'minus the electron score.',
    table(
      ['', ''],
      [
        ['file', `recoil-mlp.onnx, ${report.bytes} bytes, ONNX opset ${report.opset} (QDQ)`],
        ['SHA-256', `\`${report.sha256}\``],
        ['made by', '`npx tsx models/train-recoil-mlp.ts`, about eight minutes, six of them simulation'],
        [
          'repeatable',
          `bit for bit with Node ${report.node}; other versions may round a logarithm differently`,
        ],
        [
          'training',
          `quantization in the loop, seed ${training.seed}, ${training.epochs} epochs, batch ${training.batch}, Adam, ` +
            `rate ${training.rate} falling along a cosine, input scale 2^${training.inputExponent}, classes balanced in the ` +
            `keVee bins ${training.energyEdges?.join(', ')}`,
        ],
      ],
    ),
  ]
}

function data({ samples }: RecoilReport): Lines {
  const { train, test } = samples
  const row = (name: string, of: (sample: typeof train) => string): Lines => [name, of(train), of(test)]
  const bins = test.efficiency.map((bin) => [
    range(bin),
    percent(bin.nuclear.found, bin.nuclear.deposits),
    percent(bin.electron.found, bin.electron.deposits),
  ])
  return [
    '## Data',
    `Simulated with \`sim/detector\`: LIME, nuclear (He 40 %, C 20 %, F 40 %) and electron recoils with one spectrum, ` +
      `log-uniform ${train.from} to ${train.to} keVee and in pairs of equal energy, isotropic, anywhere in the drift volume that the camera sees, with ` +
      'vignetting and rolling shutter, each alone in its exposure; alphas of the radon chain and muons as "other". Camera ' +
      'noise, a pedestal from dark frames and thresholds from further dark frames as in a run; then the integer datapath. ' +
      'A recoil is represented by the cluster with most of its light; of alphas and muons every cluster counts, a muon ' +
      'falls into a dozen. The test sample has other deposits, other light yields and another camera.',
    table(
      ['', 'training', 'test'],
      [
        row('deposits: recoils, others', (s) => `${s.recoils}, ${s.others}`),
        row('clusters: nuclear, electron, other', (s) => s.clusters.join(', ')),
        row('seed of deposits, of camera', (s) => `${s.seed}, ${s.cameraSeed}`),
        row('light yields (nominal 1)', (s) => s.gains.join(', ')),
        row('read noise, electrons', (s) => s.readNoise.toFixed(2)),
        row('dark frames: pedestal, thresholds', (s) => `${s.pedestalFrames}, ${s.noiseFrames}`),
        row('masked pixels', (s) => `${s.masked}`),
        row('thresholds low, high', (s) => s.thresholds.join(', ')),
      ],
    ),
    'Deposits that the trigger found (test sample):',
    table(['keVee', 'nuclear', 'electron'], bins),
  ]
}

function results(report: RecoilReport): Lines {
  const matched = figuresOf(report.byEnergy.find((bin) => bin.lowKeVee === 5)!, 'network')
  return [
    '## Scores at matched energy',
    'Test sample only. AUC and the fraction of nuclear recoils kept where 90 % and 99 % of the electrons in the same bin ' +
      'are rejected, thresholds per bin; errors are one standard deviation. 0.5, 0.1 and 0.01 are chance. "Density" is a ' +
      'plain cut on ADU per macro-pixel (feature 2) on the same clusters.',
    table(
      ['keVee', 'nuclear, electron', 'AUC', 'at 90 %', 'at 99 %', 'density AUC', 'at 90 %', 'at 99 %'],
      report.byEnergy.map((bin) => [
        range(bin),
        `${bin.nuclear}, ${bin.electron}`,
        ...working(bin, 'network'),
        ...working(bin, 'density'),
      ]),
    ),
    'The same against measured light, with as many electrons as nuclear recoils at each value of it, which is what an ' +
      'experiment can do and leaves only the shape (about 1700 ADU per keVee at the centre of LIME):',
    table(
      ['light, ADU', 'pairs', 'AUC', 'at 90 %', 'at 99 %', 'density AUC', 'at 90 %', 'at 99 %'],
      report.byLight.map((bin) => [
        `${bin.lowAdu}-${bin.highAdu}`,
        `${bin.nuclear}`,
        ...working(bin, 'network'),
        ...working(bin, 'density'),
      ]),
    ),
    'Does energy leak? Within a keVee bin the true energy alone gives an AUC of 0.5, and making the spectra equal in 16 ' +
      'slices changes nothing. Measured light does differ: dense nuclear recoils saturate GEM3 and give less light at ' +
      'the same keVee. Taking light away altogether (equal counts at each value) leaves the last column.',
    table(
      ['keVee', 'AUC of true energy', 'AUC of light', 'network', 'spectra equal', 'light equal'],
      report.byEnergy.map((bin) => [
        range(bin),
        value(bin.leak.keVee),
        value(bin.leak.light),
        value(figuresOf(bin, 'network').auc),
        value(figuresOf(bin.energyMatched, 'network').auc),
        value(figuresOf(bin.lightMatched, 'network').auc),
      ]),
    ),
    'Each species against all electrons, and the same network trained in float32 (what the quantization costs):',
    table(
      ['keVee', 'helium', 'carbon', 'fluorine', 'all, quantized', 'all, float32'],
      report.byEnergy.map((bin, i) => {
        const { helium, carbon, fluorine } = report.species[i]!.auc
        const own = ['network', 'float'].map((name) => value(figuresOf(bin, name).auc))
        return [range(bin), value(helium), value(carbon), value(fluorine), ...own]
      }),
    ),
    `Which class wins (all scores compared, fraction of clusters; accuracy over all test clusters ${(100 * report.accuracy).toFixed(1)} %):`,
    table(
      ['particle', 'keVee in the cluster', 'clusters', 'nuclear', 'electron', 'other'],
      report.confusion.map((row) => [
        row.particle,
        range(row),
        `${row.clusters}`,
        ...row.winners.map((n) => percent(n, row.clusters)),
      ]),
    ),
    '## Anchor',
    'LEMON (arXiv 2007.12508, real AmBe against 55Fe, a density cut): 52 % of nuclear recoils at 90 % rejection of 5.9 keV ' +
      'electrons, 36 % at 99 %. That signal spans 1 to 100 keV while the background is one line, so most of it is energy. ' +
      'Compared in that way (all nuclear recoils of the test sample from 1 keVee against electrons of 5 to 7 keVee) the ' +
      `density cut gives ${working(report.unmatched, 'density').slice(1).join(' and ')} and the network ` +
      `${working(report.unmatched, 'network').slice(1).join(' and ')}; at matched energy, 5 to 8 keVee, the network has ` +
      `an AUC of ${value(matched.auc)}: in LIME, with up to 50 cm of drift, these features hardly tell the two apart there. ` +
      'What the density cut gains over its row in the first table is energy, and a network taught not to use energy loses it. ' +
      'Neither number predicts LEMON, which has other optics, gain and drift length.',
    '## Limits',
    [
      '- Simulation only; no real LIME frame took part, and real ones have sparks, glow and pile-up that this has not.',
      "- Quenching is Lindhard per species in its own medium, a stand-in for CYGNO's unpublished factors; the mix of He, C and F is assumed.",
      '- Recoil tracks are ranges with straggling, without the branching of a full cascade; below about 8 keVee the classes are not separable, and which of the two wins there means nothing.',
      '- One voltage, drift field and gas mixture; light yields within 30 % of nominal. Retrain for another detector.',
      '- Cuts on the score should be set per energy, on calibration data, never on these thresholds.',
    ].join('\n'),
  ]
}

function hardware(report: RecoilReport): Lines {
  const { certificate, onnxRuntime, verilog } = report
  return [
    '## Exactness',
    `Certificate class ${certificate.class}, oracle \`${certificate.oracle}\`: power-of-two scales, no accumulator reaches 2^24, so ` +
      `every float32 sum of ONNX Runtime is exact. On the test sample ONNX Runtime ${onnxRuntime.version} gave ` +
      `${onnxRuntime.differences} of ${onnxRuntime.scores} scores different from the integers.`,
    table(
      ['node', 'operator', 'class', 'largest integer'],
      certificate.perNode.map((node) => [node.node, node.operator, node.class, `${node.bound}`]),
    ),
    '## Logic',
    `\`hdl/classifier/recoil_mlp.sv\`, made by the network compiler: a multiplier for each layer, ${verilog.clocks} clocks ` +
      `from features to scores, the next cluster after ${verilog.interval}. Yosys, not placed:`,
    table(
      ['', 'LUT and carry', 'flip-flop', 'multiplier', 'block RAM', 'LUT as RAM'],
      Object.entries(verilog.area).map(([family, { luts, ffs, dsps, brams, lutRams }]) => [
        familyNames[family as Family],
        ...[luts, ffs, dsps, brams, lutRams].map(String),
      ]),
    ),
    '## Features',
    'Steps of int8 over the test clusters; saturated values carry only a bound.',
    table(
      ['feature', '1 %', 'median', '99 %', 'at -128', 'at 127'],
      report.features.map((use) => [
        featureFormat[use.feature]!.name,
        `${use.low}`,
        `${use.median}`,
        `${use.high}`,
        `${(100 * use.saturatedLow).toFixed(2)} %`,
        `${(100 * use.saturatedHigh).toFixed(2)} %`,
      ]),
    ),
  ]
}
