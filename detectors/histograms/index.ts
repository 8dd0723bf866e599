export { HistogramsConfig } from './config.ts';
export { createHistogramDetector, type HistogramDetector } from './histogram-detector.ts';
