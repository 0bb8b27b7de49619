import { sqlMigration } from "./sql-migration.ts";

/** In execution order. */
export const migrations = [
  sqlMigration(1, "schema"),
  sqlMigration(2, "guards"),
  sqlMigration(3, "search"),
  sqlMigration(4, "erase"),
  sqlMigration(5, "accounts"),
  sqlMigration(7, "evidence"),
  sqlMigration(8, "small"),
  sqlMigration(9, "clocks"),
  sqlMigration(10, "history"),
  sqlMigration(11, "rule-scopes"),
  sqlMigration(12, "budgets"),
  sqlMigration(13, "attempts"),
  sqlMigration(14, "costly"),
  sqlMigration(15, "outcome"),
  sqlMigration(16, "words-for-times"),
  sqlMigration(17, "hours"),
  sqlMigration(18, "reschedule"),
  sqlMigration(19, "lead-history"),
  sqlMigration(20, "customer-links"),
  sqlMigration(21, "plans"),
  sqlMigration(22, "templates"),
  sqlMigration(23, "calendar"),
  sqlMigration(24, "requests-in-words"),
  sqlMigration(25, "edits"),
  sqlMigration(26, "erase-open"),
];

/** The content of the table `migrations` when the schema is up to date. */
export const migrationNames: readonly string[] = migrations.map((Migration) => new Migration().name);
