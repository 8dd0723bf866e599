import { Argument, type Command, Option } from 'commander';

/** Adds `kybern feedback`. What it runs is loaded when it is run. */
export function addFeedbackCommands(program: Command): void {
  const commands = () => import('./feedback-command.ts');
  const feedback = program
    .command('feedback')
    .description('what operators think of anomalies, said to a running Kybern');
  const ofFeedback = (command: Command) =>
    command
      .option('--url <url>', 'where Kybern answers (default: what the configuration listens on)')
      .option('-c, --config <file>', 'configuration file (YAML)')
      .option('--json', 'print the answer as JSON', false);
  const saying = (command: Command) => ofFeedback(command).option('--by <name>', 'who says so (default: $USER)');
  const noting = (command: Command) => saying(command).option('--note <text>', 'why; kept beside the verdict');

  ofFeedback(feedback.command('list'))
    .description('print it, newest first')
    .addOption(new Option('--state <state>', 'only what is in this state').choices(['active', 'undone']))
    .option('--series <fingerprint>', 'only of this series')
    .addOption(new Option('--limit <number>', 'at most so many').argParser(Number).default(50))
    .action(async (options) => (await commands()).listFeedbackCommand(options));

  const add = feedback.command('add').description('say it');
  for (const [verdict, description] of [
    ['not-an-anomaly', 'the like of it is not told again'],
    ['confirmed', 'the like of it is told whatever the alert budget'],
  ] as const) {
    noting(add.command(verdict))
      .description(description)
      .addArgument(new Argument('<anomaly>', 'id of the anomaly, such as anm-0123456789abcdef'))
      .action(async (anomaly: string, options) => (await commands()).judgeCommand(verdict, anomaly, options));
  }
  noting(add.command('missed'))
    .description('something was not found: the series is watched more closely')
    .requiredOption('--from <time>', 'when it began: RFC 3339, or relative to now such as --from=-40m')
    .option('--to <time>', 'when it was over', 'now')
    .option('--series <fingerprint>', 'of this series')
    .option('--entity <entity>', 'of this entity, such as service|shop|cart')
    .option('--metric <name>', 'of this metric; of several series the one that deviates most is meant')
    .action(async (options) => (await commands()).reportMissedCommand(options));

  saying(feedback.command('undo'))
    .description('as if it had never been said')
    .addArgument(new Argument('<id>', 'id of the feedback, such as fbk-0123456789abcdef'))
    .action(async (id: string, options) => (await commands()).undoFeedbackCommand(id, options));
}
