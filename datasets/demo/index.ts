export { mergeFrames } from './merge-frames.ts';
export { type DemoFeedOptions, type DemoProgress, runDemoFeed } from './run-demo-feed.ts';
