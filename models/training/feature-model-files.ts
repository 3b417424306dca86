import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../src/core/package-root.ts'
import { type FeatureModel, type FeatureModelReport, hardwareReport } from './report.ts'
import { formatReport } from './score-report.ts'

/** The three files of a model in models/: NAME.onnx, NAME.generated.json and NAME.md. */
export interface ModelFiles<Report extends FeatureModelReport> {
  readonly name: string
  readonly renderCard: (report: Report) => string
  /** Where models/ lies; default: here. */
  readonly root?: string
}

const pathOf = (
  { root = packageRoot, name }: Pick<ModelFiles<never>, 'root' | 'name'>,
  end: string,
): string => join(root, `models/${name}.${end}`)

export function readModel(files: Pick<ModelFiles<never>, 'root' | 'name'>): Uint8Array {
  return readFileSync(pathOf(files, 'onnx'))
}

/** Writes the model, its report and the card made from it. */
export function writeModel<Report extends FeatureModelReport>(
  files: ModelFiles<Report>,
  onnx: Uint8Array,
  report: Report,
): void {
  const json = formatReport(report)
  writeFileSync(pathOf(files, 'onnx'), onnx)
  writeFileSync(pathOf(files, 'generated.json'), json)
  writeFileSync(pathOf(files, 'md'), files.renderCard(JSON.parse(json)))
}

/** Brings certificate, logic and card of a committed model up to date; its scores stay as they are. */
export async function refreshHardware<Report extends FeatureModelReport>(
  files: ModelFiles<Report>,
  compile: FeatureModel['compile'],
): Promise<void> {
  const onnx = readModel(files)
  const report: Report = JSON.parse(readFileSync(pathOf(files, 'generated.json'), 'utf8'))
  writeModel(files, onnx, { ...report, ...(await hardwareReport({ onnx, compile }, true)) })
}
