import { Argument, type Command } from 'commander';

/** Adds `kybern models`. What it runs is loaded when it is run. */
export function addModelsCommands(program: Command): void {
  const commands = () => import('./models-command.ts');
  const models = program
    .command('models')
    .description('versions of the forecasting network: seen to on a running Kybern');
  const ofModels = (command: Command) =>
    command
      .option('--url <url>', 'where Kybern answers (default: what the configuration listens on)')
      .option('-c, --config <file>', 'configuration file (YAML)')
      .option('--json', 'print the answer as JSON', false);
  const saying = (command: Command) => ofModels(command).option('--by <name>', 'who asks (default: $USER)');
  const ofClass = (command: Command) => command.option('--class <name>', 'class of series', 'default');
  const id = () => new Argument('<id>', "id of the model, as 'kybern models list' prints it");

  ofModels(models.command('list'))
    .description('print what serves, the versions, and how training stands')
    .action(async (options) => (await commands()).listModelsCommand(options));
  ofModels(models.command('show'))
    .description("print a version's card: what it was made from, its errors beside others', how it stands")
    .addArgument(id())
    .action(async (model: string, options) => (await commands()).showModelCommand(model, options));
  ofClass(saying(models.command('import')))
    .description('keep an ONNX file of your own as a version, and judge it on held-back history')
    .addArgument(
      new Argument('<file>', 'ONNX file: x, h1, c1, h2, c2 to prediction, h1_next, c1_next, h2_next, c2_next'),
    )
    .option('--note <text>', 'what is said of it; kept on its card')
    .action(async (file: string, options) => (await commands()).importModelCommand(file, options));
  saying(models.command('promote'))
    .description('let a version serve its class, if it beats what serves and a linear forecast')
    .addArgument(id())
    .option('--reason <text>', 'why; kept beside the change')
    .option('--force', 'it need not beat the serving model (recorded); all else it must', false)
    .action(async (model: string, options) => (await commands()).promoteModelCommand(model, options));
  ofClass(saying(models.command('rollback')))
    .description('let that serve again which served the class before')
    .option('--reason <text>', 'why; kept beside the change')
    .action(async (options) => (await commands()).rollbackModelCommand(options));
  ofClass(saying(models.command('train')))
    .description('begin fine-tuning on the history of the class, in the background')
    .action(async (options) => (await commands()).trainModelCommand(options));
}
