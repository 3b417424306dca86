import type { Measured } from '../../src/compare/roc.ts'
import { dataSection } from '../training/card-data.ts'
import { exactnessSection } from '../training/card-logic.ts'
import { limitsSection, scoreSections } from '../training/card-scores.ts'
import { energyRange, figuresOf, type Lines, measured, table } from '../training/card-table.ts'
import type { EnergyBin } from '../training/evaluate.ts'
import type { CnnReport } from './report.ts'
import type { Rival } from './rivals.ts'

/** The report as it is stored. */
export type StoredCnnReport = CnnReport & { readonly rivals: readonly Rival[] }

/** The model card, models/recoil-cnn.md: all its numbers come from the report. */
export function renderCnnCard(report: StoredCnnReport): string {
  const sections = [
    ...identity(report),
    ...dataSection(report.samples),
    ...comparison(report),
    ...scoreSections(report),
    ...limitsSection,
    ...exactnessSection(report),
    ...logic(report),
  ]
  return `${sections.join('\n\n')}\n`
}

function identity({ training, parameters, bytes, opset, sha256, node }: StoredCnnReport): Lines {
  const { shape } = training
  const blocks = shape.channels.join(', ')
  return [
    '# recoil-cnn',
    '<!-- Made from recoil-cnn.generated.json by train-recoil-cnn.ts; do not edit. -->',
    `A convolutional network on the picture of a cluster: ${shape.size}x${shape.size} macro-pixels around its centre ` +
      '(`models/data/macro-crop.ts`), as uint8 on a piecewise linear logarithm (`models/cnn/picture.ts`: steps of 4 ADU below ' +
      '256 ADU, then 32 to a factor of two), to three int16 scores, nuclear recoil, electron recoil, other. ' +
      `${shape.channels.length} blocks of a 3x3 convolution with ${blocks} channels and ReLU, the first reduced by the maximum of ` +
      '2x2 tiles, the others by a window at every second row and column, then dense ' +
      `${[...shape.hidden, shape.outputs].join(', ')}: ${parameters} parameters. The discriminant is the nuclear minus the ` +
      'electron score.',
    table(
      ['', ''],
      [
        ['file', `recoil-cnn.onnx, ${bytes} bytes, ONNX opset ${opset} (QDQ)`],
        ['SHA-256', `\`${sha256}\``],
        ['made by', '`npx tsx models/train-recoil-cnn.ts`'],
        ['repeatable', `bit for bit with Node ${node}; other versions may round an exponential differently`],
        [
          'training',
          `seed ${training.seed}, ${training.floatEpochs} epochs in floating point and ${training.quantizedEpochs} with quantization in ` +
            `the loop, up to ${training.epochSize} pictures each, turned and mirrored at random, batch ${training.batch}, Adam, rate ` +
            `${training.rate} and then ${training.quantizedRate}, each falling along a cosine; as many pictures of each class in ` +
            `the keVee bins ${training.energyEdges.join(', ')}`,
        ],
      ],
    ),
  ]
}

/** A bin of the network and what a rival reaches in it. */
interface ComparisonRow {
  readonly bin: EnergyBin
  readonly of: (rival: Rival) => Measured
  readonly sample: string
}

function comparison({ byEnergy, fixedDrift, rivals }: StoredCnnReport): Lines {
  if (rivals.length === 0) return []
  const rows: ComparisonRow[] = [
    ...byEnergy.map((bin, i) => ({ bin, of: (rival: Rival) => rival.byEnergy[i]!, sample: 'volume' })),
    ...fixedDrift.map((bin, i) => ({
      bin,
      of: (rival: Rival) => rival.fixedDrift[i]!,
      sample: 'one distance',
    })),
  ]
  return [
    '## Beside the classifiers of nine features',
    `AUC on the same test clusters. ${gains(rows, rivals)}`,
    table(
      ['sample', 'keVee', 'recoil-cnn', ...rivals.map(({ name }) => name)],
      rows.map(({ bin, of, sample }) => [
        sample,
        energyRange(bin),
        measured(figuresOf(bin, 'classifier').auc),
        ...rivals.map((rival) => measured(of(rival))),
      ]),
    ),
  ]
}

/** Where pictures gain or lose against every rival by more than twice the error of the difference. */
function gains(rows: readonly ComparisonRow[], rivals: readonly Rival[]): string {
  const beyond = (sign: 1 | -1): string => {
    const found = rows.filter(({ bin, of }) =>
      rivals.every((rival) => {
        const [own, other] = [figuresOf(bin, 'classifier').auc, of(rival)]
        return sign * (own.value - other.value) > 2 * Math.hypot(own.error, other.error)
      }),
    )
    return found.length === 0
      ? 'nowhere'
      : `in ${found.map(({ bin, sample }) => `${energyRange(bin)} keVee (${sample})`).join(', ')}`
  }
  return (
    `By more than twice the error of a difference (taken as if the clusters were others) the picture is better than all of them ` +
    `${beyond(1)} and worse than all of them ${beyond(-1)}.`
  )
}

function logic({ verilog, layers }: StoredCnnReport): Lines {
  const { ecp5 } = verilog.area
  const counted =
    ecp5 === undefined
      ? ''
      : ` Yosys for the ECP5, not placed: ${ecp5.luts} LUT and carry, ${ecp5.ffs} flip-flops, ${ecp5.dsps} multipliers, ` +
        `${ecp5.brams} block RAMs, ${ecp5.lutRams} LUTs as RAM.`
  return [
    '## Logic',
    'Made by the network compiler on demand, streaming: a macro-pixel per clock, the next picture after ' +
      `${verilog.interval} clocks, the scores ${verilog.clocks} clocks after the last macro-pixel.${counted} By layer, estimated:`,
    table(
      ['layers', 'architecture', 'clocks for a picture', 'LUT', 'flip-flop', 'multiplier', 'block RAM'],
      layers.map((layer) => [
        layer.layers.join(', '),
        layer.architecture,
        ...[layer.clocks, layer.luts, layer.ffs, layer.dsps, layer.brams].map(String),
      ]),
    ),
  ]
}
