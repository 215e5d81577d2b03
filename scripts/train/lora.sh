#!/bin/sh
# Activates the course's Python environment (which holds TensorFlow's libraries) and starts the LoRA training.
# Relative folders are looked for from the project's folder.
# Usage: sh scripts/train/lora.sh --pictures FOLDER [--rank 4] [--alpha 4] [--rate 0.003] [--epochs 10] [--batch 8] [--word WORD] [--out FILE]
set -e
cd "$(dirname "$0")/../.."
if [ ! -f .venv/bin/activate ]; then
  echo 'The environment .venv is missing; make it with: npm run setup' >&2
  exit 1
fi
. .venv/bin/activate
exec node --import tsx scripts/train/lora.ts "$@"
