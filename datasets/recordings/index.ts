export type { RecordedLabel, Recording } from '../telemetry-frame.ts';
export { openRecording } from './open-recording.ts';
