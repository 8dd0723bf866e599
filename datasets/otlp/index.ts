export { type EncodedFrame, encodeFrame } from './encode-frame.ts';
export {
  createOtlpSender,
  type Delivery,
  type OtlpSenderOptions,
  type OtlpSignal,
  type SendFrame,
} from './otlp-sender.ts';
