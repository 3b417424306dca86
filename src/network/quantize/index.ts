export type { Grid } from './grid.ts'
export {
  type QuantizedLayer,
  type QuantizedModel,
  type QuantizedValue,
  type QuantizeOptions,
  quantizeModel,
} from './quantize-model.ts'
export type { Sample } from './sample.ts'
