import { dataSection } from './card-data.ts'
import { exactnessSection, featureSection, logicSection } from './card-logic.ts'
import { limitsSection, scoreSections } from './card-scores.ts'
import { type Lines, table } from './card-table.ts'
import type { FeatureModelReport } from './report.ts'
import type { TrainingOptions } from './train.ts'

/** The report of the network: the content of recoil-mlp.generated.json. */
export type RecoilReport = FeatureModelReport & { readonly training: TrainingOptions }

/** The model card, models/recoil-mlp.md: all its numbers come from the report. */
export function renderCard(report: RecoilReport): string {
  const made = '`hdl/classifier/recoil_mlp.sv`, made by the network compiler: a multiplier for each layer'
  const sections = [
    ...identity(report),
    ...dataSection(report.samples),
    ...scoreSections(report),
    ...limitsSection,
    ...exactnessSection(report),
    ...logicSection(report, made),
    ...featureSection(report),
  ]
  return `${sections.join('\n\n')}\n`
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
        ['made by', '`npx tsx models/train-recoil-mlp.ts`'],
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
