"""The pages, one module for each thing people come to do."""
