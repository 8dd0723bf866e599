import { Command, Option } from 'commander';
import { KybernError } from '../../model/index.ts';
import { version } from '../version.ts';
import { addFeedbackCommands } from './feedback-program.ts';
import { addModelsCommands } from './models-program.ts';

const program = new Command('kybern')
  .description('AIOps and autoscaling engine for Kubernetes: anomalies, root causes, right sizes and safe actions.')
  .version(version)
  .showHelpAfterError();

const configOption = () => new Option('-c, --config <file>', 'configuration file (YAML)');
const numberOf = (text: string) => Number(text);

program
  .command('start', { isDefault: true })
  .description('run Kybern; without --config with the demo shop, in mode auto on the simulated cluster')
  .addOption(configOption())
  .option('-p, --port <port>', 'port of the REST API and the dashboard', numberOf)
  .option('--otlp-port <port>', 'port of the OTLP/HTTP receiver', numberOf)
  .option('--grpc-port <port>', 'port of the OTLP/gRPC receiver', numberOf)
  .option('-d, --data-dir <directory>', 'where the log, the store and checkpoints live')
  .option('--profile <name>', 'defaults for where it runs: standard, or edge for one core and 512 MiB')
  .addOption(new Option('--seed <number>', "the demo's seed: place and time of its faults").argParser(numberOf))
  .action(async (options) => (await import('./start-command.ts')).startCommand(options));

program
  .command('replay')
  .argument('<path>', 'recorded data: NAB (csv or folder), PetShop, or a Nezha day')
  .description('play recorded data through the receivers and print what was found beside its labels')
  .addOption(configOption())
  .addOption(
    new Option('-s, --speed <factor>', 'times faster than recorded; 0: as fast as possible')
      .argParser(numberOf)
      .default(0),
  )
  .addOption(new Option('--limit <hours>', 'stop after this many recorded hours').argParser(numberOf))
  .option('-p, --port <port>', 'serve the dashboard on this port during and after the replay', numberOf)
  .option('-d, --data-dir <directory>', 'keep the data here (default: a temporary directory)')
  .option('--json', 'print the result as one JSON object', false)
  .action(async (path: string, options) => (await import('./replay-command.ts')).replayCommand(path, options));

const config = program.command('config').description('check, print or document the configuration');
config
  .command('check')
  .addOption(configOption())
  .description('tell every error at once, with its line')
  .action(async (options) => (await import('./config-command.ts')).checkConfig(options));
config
  .command('print')
  .addOption(configOption())
  .description('print what is in force: file, environment and defaults together')
  .action(async (options) => (await import('./config-command.ts')).printConfig(options));
config
  .command('docs')
  .description('print every setting with its default and meaning, as Markdown')
  .action(async () => (await import('./config-command.ts')).printConfigDocs());

const deadLetters = program.command('dead-letters').description('records of Kafka that could not be taken');
const ofDeadLetters = (command: Command) =>
  command
    .addOption(configOption())
    .option('--source <name>', 'name of the source under ingest.kafka (default: the only one)')
    .option('--topic <topic>', 'only those that came from this topic')
    .addOption(new Option('--limit <number>', 'at most so many').argParser(numberOf).default(1000));
ofDeadLetters(deadLetters.command('list').description('print those not replayed yet')).action(async (options) =>
  (await import('./dead-letters-command.ts')).listDeadLettersCommand(options),
);
ofDeadLetters(deadLetters.command('replay').description('send them to the topics they came from')).action(
  async (options) => (await import('./dead-letters-command.ts')).replayDeadLettersCommand(options),
);

addFeedbackCommands(program);
addModelsCommands(program);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof KybernError)) throw error;
  process.stderr.write(`${error.code}: ${error.message}\n${error.remedy}\n`);
  process.exit(1);
}
