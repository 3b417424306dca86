import { Worker, type WorkerOptions } from 'node:worker_threads'

/**
 * Runs a module in a thread of its own. In the built package it is the compiled file; in a checkout it is TypeScript,
 * which Node 20 does not run, so tsx is registered inside the thread.
 * @param module URL of the module in this form: `new URL('./worker.ts', import.meta.url)`
 */
export function startThread(module: URL, options: WorkerOptions = {}): Worker {
  if (!import.meta.url.endsWith('.ts'))
    return new Worker(new URL(module.href.replace(/\.ts$/, '.js')), options)
  const tsx = new URL('../../node_modules/tsx/dist/esm/api/index.mjs', import.meta.url)
  const script = `const [tsx, module] = ${JSON.stringify([tsx.href, module.href])}
import(tsx).then(({ register }) => (register(), import(module)))`
  return new Worker(script, { ...options, eval: true })
}
