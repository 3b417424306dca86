import type { BoostingOptions } from './boost-trees.ts'
import { dataSection } from './card-data.ts'
import { exactnessSection, logicSection } from './card-logic.ts'
import { limitsSection, scoreSections } from './card-scores.ts'
import { type Lines, table } from './card-table.ts'
import type { FeatureModelReport } from './report.ts'

/** The report of the trees: the content of recoil-trees.generated.json. */
export type TreesReport = FeatureModelReport & { readonly training: BoostingOptions }

/** The model card, models/recoil-trees.md: all its numbers come from the report. */
export function renderTreesCard(report: TreesReport): string {
  const sections = [
    ...identity(report),
    ...dataSection(report.samples),
    ...scoreSections(report),
    ...limitsSection,
    ...exactnessSection(report),
    ...logicSection(report, 'Made by the network compiler on demand, every tree at once'),
  ]
  return `${sections.join('\n\n')}\n`
}

function identity(report: TreesReport): Lines {
  const { training } = report
  return [
    '# recoil-trees',
    '<!-- Made from recoil-trees.generated.json by train-recoil-trees.ts; do not edit. -->',
    'Boosted trees on the same nine int8 features as the network in the trigger logic (`src/trigger/features.ts`), with the ' +
      'same three int16 scores: `--model models/recoil-trees.onnx` puts them in its place on `model:` and `onnx:cpu`. ' +
      `${training.rounds} trees with at most ${training.depth} tests on the way to a leaf, a leaf weighs all three classes: ` +
      `${report.parameters} thresholds and weights. The discriminant is the nuclear minus the electron score.`,
    table(
      ['', ''],
      [
        [
          'file',
          `recoil-trees.onnx, ${report.bytes} bytes, ONNX opset ${report.opset}, TreeEnsembleRegressor`,
        ],
        ['SHA-256', `\`${report.sha256}\``],
        ['made by', '`npx tsx models/train-recoil-trees.ts`'],
        [
          'repeatable',
          `bit for bit with Node ${report.node}; other versions may round an exponential differently`,
        ],
        [
          'training',
          `second-order boosting of the softmax cross entropy, seed ${training.seed}, rate ${training.rate}, ridge ` +
            `${training.ridge}, least curvature ${training.leastCurvature}, each tree on ${100 * training.share} % of the ` +
            `clusters, leaves on a grid of 2^${training.leafExponent} while training, classes balanced in the keVee bins ` +
            training.energyEdges.join(', '),
        ],
      ],
    ),
  ]
}
